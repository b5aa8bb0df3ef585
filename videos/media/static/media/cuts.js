import { replaceParts } from "./parts.js";

const SECOND = 1000;

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

window.wagtail.app.register("media-cut", MediaCutController);
