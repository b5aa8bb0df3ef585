import { replaceParts } from "./parts.js";

const SECOND = 1000;

/**
 * Sends a source and shows how far it is. Without this script the form sends itself.
 *
 * <form data-controller="media-upload" data-action="submit->media-upload#send">
 *   <input type="file"> <button data-media-upload-target="button">
 *   <div data-media-upload-target="way"><progress data-media-upload-target="progress">
 *     <span data-media-upload-target="said"></span></div>
 *   <p data-media-upload-target="refusal"></p>
 *   <template data-media-upload-target="words"><span data-word="sent">…</span>…</template>
 * </form>
 */
class MediaUploadController extends window.StimulusModule.Controller {
  static targets = ["button", "way", "progress", "said", "refusal", "words"];

  word(name) {
    return this.wordsTarget.content.querySelector(`[data-word="${name}"]`).textContent;
  }

  async send(event) {
    const file = this.element.querySelector("input[type=file]").files[0];
    if (!file) return;
    event.preventDefault();
    this.refuse("");
    this.buttonTarget.disabled = true;
    try {
      const asked = await fetch(`${this.element.action}?bytes=${file.size}`);
      const { refusal } = await asked.json();
      if (refusal) {
        this.refuse(refusal);
        return;
      }
    } catch {
      this.refuse(this.word("broke"));
      return;
    }
    this.upload(new FormData(this.element));
  }

  upload(form) {
    this.request = new XMLHttpRequest();
    this.request.open("POST", this.element.action);
    this.request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    this.request.responseType = "json";
    this.request.upload.onprogress = ({ loaded, total }) => this.show(loaded, total);
    this.request.onload = () => {
      if (this.request.response?.url) this.leave(this.request.response.url);
      else this.refuse(this.word("broke"));
    };
    this.request.onerror = () => this.refuse(this.word("broke"));
    this.request.onabort = () => this.refuse("");
    this.wayTarget.hidden = false;
    this.show(0, 1);
    this.request.send(form);
  }

  show(loaded, total) {
    const percent = Math.floor((100 * loaded) / total);
    this.progressTarget.value = percent;
    this.saidTarget.textContent =
      percent < 100 ? this.word("sent").replace("%percent%", percent) : this.word("looking");
  }

  stop() {
    this.request?.abort();
  }

  refuse(text) {
    this.refusalTarget.textContent = text;
    this.refusalTarget.hidden = !text;
    this.wayTarget.hidden = true;
    this.buttonTarget.disabled = false;
  }

  leave(url) {
    window.history.replaceState(null, "", url);
    window.location.reload();
  }
}

/**
 * Asks every two seconds how far a cut is, until it is made ready or failed.
 *
 * <li data-controller="media-cut" data-media-cut-url-value="…" data-media-cut-under-way-value="true">
 *   <div data-media-cut-target="inside"></div> <p role="status" data-media-cut-target="status"></p>
 * </li>
 */
class MediaCutController extends window.StimulusModule.Controller {
  static targets = ["inside", "status"];
  static values = { url: String, underWay: Boolean };

  connect() {
    if (this.underWayValue) this.timer = setTimeout(() => this.ask(), 2 * SECOND);
  }

  disconnect() {
    clearTimeout(this.timer);
  }

  async ask() {
    let wait = 2 * SECOND;
    try {
      const answer = await fetch(this.urlValue, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      this.show(await answer.json());
    } catch {
      wait = 10 * SECOND; // the connection is away: ask less often
    }
    if (this.underWayValue) this.timer = setTimeout(() => this.ask(), wait);
  }

  show({ state, label, under_way: underWay, html }) {
    const fresh = document.createElement("div");
    fresh.innerHTML = html;
    replaceParts(this.insideTarget, fresh);
    if (state !== this.state) {
      if (this.state || !underWay) this.statusTarget.textContent = label;
      this.state = state;
    }
    this.underWayValue = underWay;
  }
}

window.wagtail.app.register("media-upload", MediaUploadController);
window.wagtail.app.register("media-cut", MediaCutController);
