// Bundles the player and the uploader into build/static/, from where Django collects them, and
// notes the hashes of the style sheets that its controls carry, for the Content-Security-Policy.
//
// hls.js is bundled from its sources: its ready-made light build cannot play our separate audio
// group, and its full one does not fit the weight that docs/decisions/0003-player.md allows.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";

const SOURCES = "videos/publishing/player";
const OUT = "build/static/player";
const UPLOADER = "videos/media/uploader";
const UPLOADER_OUT = "build/static/uploader";

const HLS_FEATURES = {
  ALT_AUDIO: true, // our sound lies in a group of its own
  MEDIA_CAPABILITIES: true,
  SUBTITLES: false, // captions are <track> elements
  CMCD: false,
  CONTENT_STEERING: false,
  EME_DRM: false,
  IFRAMES: false,
  INTERSTITIALS: false,
  M2TS_ADVANCED_CODECS: false,
  VARIABLE_SUBSTITUTION: false,
};

const define = {
  __VERSION__: JSON.stringify("closing-shot"),
  __IN_WORKER__: "false",
  __HLS_WORKER_BUNDLE__: "undefined",
  "process.env.NODE_ENV": JSON.stringify("production"),
};
for (const [feature, wanted] of Object.entries(HLS_FEATURES)) {
  define[`__USE_${feature}__`] = String(wanted);
}

// Our segments are CMAF, which passes through: what takes other containers apart stays out.
const onlyCmaf = {
  name: "only-cmaf",
  setup({ onResolve, onLoad }) {
    const unused = /(aacdemuxer|ac3-demuxer|mp3demuxer|tsdemuxer|mp4-remuxer)$/;
    onResolve({ filter: unused }, ({ path, importer }) =>
      importer.endsWith("transmuxer.ts") ? { path, namespace: "unused" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({
      contents: "export default class Unused { static probe() { return false; } }",
    }));
  },
};

async function bundle(entryPoints, outdir) {
  return build({
    entryPoints,
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "safari16"],
    legalComments: "linked",
    alias: { "hls.js": "./node_modules/hls.js/src/hls.ts" },
    plugins: [onlyCmaf],
    define,
    metafile: true,
    logLevel: "warning",
  });
}

function printSizes({ outputs }) {
  for (const [path, made] of Object.entries(outputs)) {
    console.log(path, made.bytes);
    const parts = Object.entries(made.inputs);
    parts.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
    for (const [input, part] of parts.slice(0, 40)) console.log("  ", input, part.bytesInOutput);
  }
}

// Every <style> that a control puts into its shadow root, as a source of `style-src`.
async function styleHashes() {
  const kept = new Map();
  const define = customElements.define;
  customElements.define = (name, element) => kept.set(name, element);
  await import(`./${SOURCES}/controls.js`);
  customElements.define = define;
  const hashes = new Set();
  for (const element of kept.values()) {
    const html = element.getTemplateHTML?.({}, {}) ?? "";
    for (const [, style] of html.matchAll(/<style[^>]*>(.*?)<\/style>/gs)) {
      hashes.add(`'sha256-${createHash("sha256").update(style).digest("base64")}'`);
    }
  }
  return [...hashes].sort();
}

rmSync("build/static", { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const { metafile } = await bundle([`${SOURCES}/intent.js`, `${SOURCES}/player.js`], OUT);
await bundle([`${UPLOADER}/uploader.js`, `${UPLOADER}/checksum.js`], UPLOADER_OUT);
if (process.argv.includes("--sizes")) printSizes(metafile);

await import("media-chrome/dist/utils/server-safe-globals.js").then(({ globalThis: server }) => {
  globalThis.customElements ??= server.customElements;
});
writeFileSync("build/player-styles.json", `${JSON.stringify(await styleHashes(), null, 1)}\n`);
