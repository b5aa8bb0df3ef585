/**
 * Fetches a panel that comes later, in place of the link to it, once its tab is open.
 *
 * <div data-controller="planning-panel" data-planning-panel-url-value="…" aria-busy="true">
 *   <a href="…">Loading…</a>
 * </div>
 */
class PlanningPanelController extends window.StimulusModule.Controller {
  static values = { url: String };

  connect() {
    this.observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.fetch();
    });
    this.observer.observe(this.element);
  }

  disconnect() {
    this.observer.disconnect();
  }

  async fetch() {
    this.observer.disconnect();
    try {
      const answer = await fetch(this.urlValue, { headers: { "X-Requested-With": "fetch" } });
      if (answer.ok && !answer.redirected) this.element.innerHTML = await answer.text();
    } finally {
      this.element.removeAttribute("aria-busy"); // what could not be fetched stays a link
    }
  }
}

window.wagtail.app.register("planning-panel", PlanningPanelController);
