// The language of the controls: the page's, not the browser's. Imported before the controls, which
// read it when they are defined. A language that media-chrome lacks shows English.

import "media-chrome/dist/lang/de.js";
import { setLanguage } from "media-chrome/dist/utils/i18n.js";

setLanguage(document.documentElement.lang || "en");
