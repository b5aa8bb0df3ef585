/**
 * Keeps an open page up to date: asks every few seconds whether something has changed elsewhere,
 * and takes over the parts that differ. What somebody types, plays or has the focus in stays as it
 * is until they leave it. Nobody is asked while the tab is hidden.
 *
 * <div data-controller="ui-live" data-ui-live-url-value="…" data-ui-live-version-value="…">
 *   <div data-live="step" data-live-version="…"> <p data-ui-live-said>…</p> </div>
 *   <p role="status" data-ui-live-target="status"></p>
 * </div>
 */

const SECOND = 1000;

class UiLiveController extends window.StimulusModule.Controller {
  static targets = ["status"];
  static values = { url: String, version: String, pause: { type: Number, default: 3 } };

  connect() {
    this.left = new Map(); // parts that wait until somebody leaves them, by name
    this.over = new AbortController();
    const { signal } = this.over;
    const shown = () => (document.hidden ? clearTimeout(this.timer) : this.ask());
    document.addEventListener("visibilitychange", shown, { signal });
    this.element.addEventListener("focusout", () => this.wait(0.2), { signal });
    this.wait(this.pauseValue);
  }

  disconnect() {
    this.over.abort();
    clearTimeout(this.timer);
  }

  wait(seconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), seconds * SECOND);
  }

  async ask() {
    if (document.hidden) return;
    let pause = this.pauseValue;
    try {
      const answer = await fetch(this.urlValue, {
        headers: { "If-None-Match": this.versionValue, "X-Requested-With": "XMLHttpRequest" },
        cache: "no-store",
      });
      if (answer.status === 200 && !answer.redirected) {
        const text = await answer.text();
        this.versionValue = answer.headers.get("ETag");
        this.show(new DOMParser().parseFromString(text, "text/html"));
      } else if (answer.status !== 304) {
        return; // signed out, or the page is no more
      }
      this.takeLeft();
    } catch {
      pause = 10; // the connection is away: ask less often
    }
    if (!this.over.signal.aborted) this.wait(pause);
  }

  show(page) {
    const before = this.said(this.element);
    this.showTabs(page);
    for (const fresh of page.querySelectorAll("[data-live]")) {
      const name = fresh.dataset.live;
      const old = this.part(name);
      if (old && old.dataset.liveVersion !== fresh.dataset.liveVersion) this.left.set(name, fresh);
      else this.left.delete(name);
    }
    const now = this.said(page);
    if (now && now !== before) this.statusTarget.textContent = now;
  }

  said(page) {
    const said = page.querySelector("[data-ui-live-said]");
    return said ? said.textContent.trim().replace(/\s+/g, " ") : "";
  }

  part(name) {
    return this.element.querySelector(`[data-live="${name}"]`);
  }

  takeLeft() {
    for (const [name, fresh] of this.left) {
      const old = this.part(name);
      if (old && this.isBusy(old, fresh)) continue;
      this.left.delete(name);
      if (old) this.replace(old, fresh);
    }
  }

  replace(old, fresh) {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.dataset.liveVersion = fresh.dataset.liveVersion;
    old.replaceChildren(...document.importNode(fresh, true).childNodes);
    if (focused) this.sameIn(old, focused)?.focus({ preventScroll: true });
    for (const script of old.querySelectorAll("script[src]")) {
      const again = document.createElement("script"); // one that was parsed does not run
      again.type = script.type;
      again.src = script.src;
      script.replaceWith(again);
    }
    document.dispatchEvent(new CustomEvent("player-inserted"));
  }

  /** The link or button in a part that does what `element` does; nothing for fields. */
  sameIn(part, element) {
    if (!["A", "BUTTON"].includes(element.tagName)) return undefined;
    const does = (one) => [one.tagName, one.getAttribute("href"), one.textContent.trim()].join(" ");
    return [...part.querySelectorAll("a, button")].find((one) => does(one) === does(element));
  }

  /** Whether somebody is at work in a part: their focus, what they typed, what they play or send. */
  isBusy(part, fresh) {
    const focused = document.activeElement;
    if (part.contains(focused) && !this.sameIn(fresh, focused)) return true;
    if (part.querySelector("[data-live-hold]:not(:empty), [aria-expanded=true]")) return true;
    if (
      [...part.querySelectorAll("video")].some((video) => video.currentTime > 0 || !video.paused)
    ) {
      return true;
    }
    return [...part.querySelectorAll("input, textarea, select")].some((field) =>
      this.isTyped(field),
    );
  }

  isTyped(field) {
    if (field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    if (field.options) {
      const chosen = [...field.options].findIndex((option) => option.defaultSelected);
      return !field.multiple && field.selectedIndex !== Math.max(0, chosen);
    }
    return field.value !== field.defaultValue;
  }

  /** Tabs that have come, and those that are gone and not open. */
  showTabs(page) {
    const list = this.element.querySelector("[role=tablist]");
    const fresh = page.querySelector("[role=tablist]");
    if (!list || !fresh) return;
    const ids = (tabs) => [...tabs.querySelectorAll("[role=tab]")].map((tab) => tab.id);
    const [there, wanted] = [ids(list), ids(fresh)];
    const panelOf = (root, id) => root.querySelector(`[role=tabpanel][aria-labelledby="${id}"]`);
    for (const id of there.filter((one) => !wanted.includes(one))) {
      const tab = document.getElementById(id);
      if (tab.getAttribute("aria-selected") === "true") continue;
      panelOf(this.element, id).remove();
      tab.remove();
    }
    for (const id of wanted.filter((one) => !there.includes(one))) {
      const before = wanted.slice(wanted.indexOf(id) + 1).find((one) => there.includes(one));
      const panel = document.importNode(panelOf(page, id), true);
      const tab = document.importNode(page.getElementById(id), true);
      panel.hidden = true;
      const [next, beside] = before
        ? [document.getElementById(before), panelOf(this.element, before)]
        : [null, null];
      (beside?.parentElement ?? panelOf(this.element, there[0]).parentElement).insertBefore(
        panel,
        beside,
      );
      list.insertBefore(tab, next);
    }
  }
}

/**
 * Opens the tab that holds what the address points at, when a link on the same page is followed.
 *
 * <div data-controller="ui-anchors" data-action="hashchange@window->ui-anchors#go"></div>
 */
class UiAnchorsController extends window.StimulusModule.Controller {
  go() {
    const there = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    const panel = there?.closest("[role=tabpanel]");
    if (!panel || there === panel) return;
    if (panel.hidden) document.getElementById(panel.getAttribute("aria-labelledby")).click();
    requestAnimationFrame(() => there.scrollIntoView({ block: "start" }));
  }
}

window.wagtail.app.register("ui-live", UiLiveController);
window.wagtail.app.register("ui-anchors", UiAnchorsController);
