/**
 * Ties the comments of a cut to the moments of its player.
 *
 * <div data-controller="review">
 *   <div data-review-target="player"><video></video></div>
 *   <input data-review-target="moment">
 *   <button type="button" data-action="review#now">Take the current time</button>
 *   <button type="button" data-action="review#seek" data-review-seconds-param="83.4">1:23</button>
 * </div>
 */
class ReviewController extends window.StimulusModule.Controller {
  static targets = ["player", "moment"];

  get video() {
    return this.hasPlayerTarget ? this.playerTarget.querySelector("video") : null;
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

window.wagtail.app.register("review", ReviewController);
