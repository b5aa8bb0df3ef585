/**
 * Shows how an import gets on, without reloading the page.
 *
 * <div data-controller="deals-import" data-deals-import-url-value="…?part">
 *   <div role="status" data-under-way>…</div>
 * </div>
 */
const PAUSE = 2000; // milliseconds between two looks

class DealsImportController extends window.StimulusModule.Controller {
  static values = { url: String };

  connect() {
    this.wait();
  }

  disconnect() {
    clearTimeout(this.timer);
  }

  wait() {
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  async look() {
    try {
      const answer = await fetch(this.urlValue, { headers: { "X-Requested-With": "fetch" } });
      if (answer.ok && !answer.redirected) {
        const text = await answer.text();
        if (text !== this.shown) this.element.innerHTML = text;
        this.shown = text;
      }
    } catch {
      // the network is away: the next look may find it again
    }
    if (this.element.querySelector("[data-under-way]")) this.wait();
  }
}

window.wagtail.app.register("deals-import", DealsImportController);
