/**
 * Takes the poster from what the player shows.
 *
 * <div data-controller="media-poster">
 *   <div data-media-poster-target="player"><video data-video></video></div>
 *   <form> <input data-media-poster-target="moment">
 *     <button hidden data-media-poster-target="now" data-action="media-poster#now"></button> </form>
 * </div>
 */
class MediaPosterController extends window.StimulusModule.Controller {
  static targets = ["player", "moment", "now"];

  connect() {
    for (const button of this.nowTargets) button.hidden = !this.hasPlayerTarget;
  }

  // Before the form is sent: its button does that.
  now() {
    const seconds = this.playerTarget.querySelector("video").currentTime;
    const minutes = Math.floor(seconds / 60);
    const rest = (Math.floor((seconds % 60) * 1000) / 1000).toFixed(3).padStart(6, "0");
    this.momentTarget.value = `${minutes}:${rest}`;
  }
}

window.wagtail.app.register("media-poster", MediaPosterController);
