const EVERY = 10_000; // milliseconds of playing between two reports of what was played

/**
 * Ties the comments of a cut to the moments of its player, sends the forms around them without
 * leaving the page, and tells the studio what was played.
 *
 * <div data-controller="review" data-review-played-url-value="…" data-review-failed-value="…">
 *   <div data-review-target="player"><video></video></div>
 *   <form data-action="submit->review#tellApproval"><input name="played" data-review-target="played"></form>
 *   <p role="status" data-review-target="said"></p>
 *   <div data-review-part="form">
 *     <form data-action="submit->review#send"><input data-review-target="moment"></form>
 *   </div>
 *   <button type="button" data-action="review#now">Take the current time</button>
 *   <button type="button" data-action="review#seek" data-review-seconds-param="83.4">1:23</button>
 * </div>
 */
class ReviewController extends window.StimulusModule.Controller {
  static targets = ["player", "moment", "played", "said"];
  static values = { playedUrl: String, failed: String };

  connect() {
    this.told = "[]";
    this.toldAt = 0;
    this.onPlaying = () => {
      if (performance.now() - this.toldAt > EVERY) this.tellPlayed();
    };
    this.onPause = () => this.tellPlayed();
    this.video?.addEventListener("timeupdate", this.onPlaying);
    this.video?.addEventListener("pause", this.onPause);
    window.addEventListener("pagehide", this.onPause);
  }

  disconnect() {
    this.video?.removeEventListener("timeupdate", this.onPlaying);
    this.video?.removeEventListener("pause", this.onPause);
    window.removeEventListener("pagehide", this.onPause);
  }

  get video() {
    return this.hasPlayerTarget ? this.playerTarget.querySelector("video") : null;
  }

  /** What the player played since the page was opened: ranges of seconds as JSON. */
  get ranges() {
    const { played } = this.video ?? {};
    const thousandths = (seconds) => Math.round(seconds * 1000) / 1000;
    return JSON.stringify(
      Array.from({ length: played?.length ?? 0 }, (_, i) => [
        thousandths(played.start(i)),
        thousandths(played.end(i)),
      ]),
    );
  }

  tellPlayed() {
    const token = this.element.querySelector("[name=csrfmiddlewaretoken]")?.value;
    const played = this.ranges;
    if (!token || played === this.told) return;
    this.told = played;
    this.toldAt = performance.now();
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, played });
    // A report that is lost is made good by the next one, or by the approval itself
    fetch(this.playedUrlValue, { method: "POST", body, keepalive: true }).catch(() => {});
  }

  tellApproval() {
    this.playedTarget.value = this.ranges;
  }

  /** Sends a form around the comments; the player and what is typed elsewhere stay as they are. */
  async send(event) {
    event.preventDefault();
    const form = event.target;
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const sent = new FormData(form);
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(sent),
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(answer.statusText);
      this.show(await answer.json(), form, sent);
    } catch {
      this.saidTarget.textContent = this.failedValue;
    } finally {
      form.ariaBusy = "false";
    }
  }

  show({ parts, said, refused }, form, sent) {
    const isForm = this.part("form").contains(form);
    const typed = isForm ? changedSince(form, sent) : [];
    const wasOpen = this.part("comments").querySelector("details")?.open ?? false;
    const focused = document.activeElement;
    const comment = form.closest(".review__comment")?.id;
    for (const [name, html] of Object.entries(parts)) {
      // A form that somebody else's comment comes beside may have words in it
      if (this.part(name) && (name !== "form" || isForm)) this.part(name).innerHTML = html;
    }
    const done = this.part("comments").querySelector("details");
    if (done) done.open = wasOpen;
    for (const [name, value] of typed) {
      this.part("form").querySelector(`[name="${name}"]`).value = value;
    }
    this.saidTarget.textContent = said.join(" ");
    if (focused?.isConnected) return;
    const field = refused ? '[aria-invalid="true"], textarea' : "textarea";
    const next = isForm
      ? this.part("form").querySelector(field)
      : document.getElementById(comment)?.querySelector("[type=submit]");
    (next?.checkVisibility() ? next : (done?.querySelector("summary") ?? this.saidTarget)).focus();
  }

  part(name) {
    return this.element.querySelector(`[data-review-part="${name}"]`);
  }

  now() {
    const tenths = Math.floor((this.video?.currentTime ?? 0) * 10);
    const minutes = Math.floor(tenths / 600);
    const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
    this.momentTarget.value = `${minutes}:${seconds}`;
    this.momentTarget.dispatchEvent(new Event("change", { bubbles: true }));
  }

  seek({ params }) {
    if (!this.video) return;
    const go = () => {
      this.video.currentTime = Number(params.seconds);
    };
    if (this.video.readyState > 0) {
      go();
    } else {
      this.video.addEventListener("loadedmetadata", go, { once: true });
      this.playerTarget.querySelector(".player-start")?.click(); // nothing is loaded before
    }
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.playerTarget.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }
}

/** What was typed into a form after it was sent: pairs of names and values. */
function changedSince(form, sent) {
  const hidden = ["csrfmiddlewaretoken", "once"];
  return [...new FormData(form)].filter(
    ([name, value]) => !hidden.includes(name) && value !== sent.get(name),
  );
}

window.wagtail.app.register("review", ReviewController);
