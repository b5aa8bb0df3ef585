import { replaceParts } from "./parts.js";

const SECOND = 1000;

/**
 * Keeps the queue up to date: asks for the page's changing part, and takes over what differs.
 *
 * <div data-controller="media-queue" data-media-queue-url-value="…" data-media-queue-pause-value="3">
 *   <nav data-media-queue-target="tabs">…</nav>
 *   <ol data-media-queue-target="list"><li id="…"><div data-parts>…</div></li>…</ol>
 *   <div data-media-queue-target="rest">…</div> <p role="status" data-media-queue-target="status"></p>
 * </div>
 */
class MediaQueueController extends window.StimulusModule.Controller {
  static targets = ["tabs", "list", "rest", "status"];
  static values = { url: String, pause: Number };

  connect() {
    this.wait(this.pauseValue);
  }

  disconnect() {
    clearTimeout(this.timer);
  }

  wait(seconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), seconds * SECOND);
  }

  async ask() {
    if (document.hidden) {
      this.wait(this.pauseValue);
      return;
    }
    try {
      const answer = await fetch(this.urlValue);
      if (answer.redirected || !answer.ok) return; // signed out, or a page that is no more
      this.show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      this.wait(this.pauseValue);
    } catch {
      this.wait(10); // the connection is away: ask less often
    }
  }

  show(page) {
    const fresh = (name) => page.querySelector(`[data-media-queue-target="${name}"]`);
    for (const name of ["tabs", "rest"]) {
      const old = this[`${name}Target`];
      if (old.innerHTML !== fresh(name).innerHTML) old.innerHTML = fresh(name).innerHTML;
    }
    this.showRows([...fresh("list").children]);
  }

  showRows(rows) {
    const ids = new Set(rows.map((row) => row.id));
    for (const old of [...this.listTarget.children]) if (!ids.has(old.id)) old.remove();
    rows.forEach((row, place) => {
      const old = this.listTarget.querySelector(`#${row.id}`);
      if (old) {
        this.tell(old, row);
        replaceParts(old.querySelector("[data-parts]"), row.querySelector("[data-parts]"));
      }
      const there = this.listTarget.children[place];
      const one = old ?? document.importNode(row, true);
      if (there !== one) this.listTarget.insertBefore(one, there ?? null);
    });
  }

  /** Says a cut's new state to those who do not see it change. */
  tell(old, row) {
    const state = (one) => one.querySelector("[data-part=head]").textContent.trim();
    if (state(old) !== state(row)) {
      this.statusTarget.textContent = state(row).replace(/\s+/g, " ");
    }
  }
}

window.wagtail.app.register("media-queue", MediaQueueController);
