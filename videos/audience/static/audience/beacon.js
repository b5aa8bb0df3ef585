// Reports what is really played of the videos of a page, to POST /api/v1/views/{uuid}.
//
// Every report carries all that was played so far, so that a lost one is made good by the next.

const FIRST_AFTER = 4000; // milliseconds of playing until the first report of what was played
const EVERY = 10000;
const MOST_RANGES = 400;

const script = document.querySelector("script[data-beacon-url]");

/** A random UUID, also where the page is not a secure context. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const thousandths = (seconds) => Math.round(seconds * 1000) / 1000;

/** The ranges with [from, to] in them: sorted, disjoint, in seconds. */
export function grow(ranges, from, to) {
  const apart = ranges.filter(([start, end]) => end < from || start > to);
  const touching = ranges.filter(([start, end]) => end >= from && start <= to);
  const start = Math.min(from, ...touching.map((range) => range[0]));
  const end = Math.max(to, ...touching.map((range) => range[1]));
  return [...apart, [start, end]].sort((a, b) => a[0] - b[0]);
}

/** Where the stretch began that the video is playing now: events come a little late. */
function beginning({ currentTime, played }) {
  for (let i = 0; i < played.length; i++) {
    const start = played.start(i);
    if (start <= currentTime && currentTime <= played.end(i) && currentTime - start < 1) return start;
  }
  return currentTime;
}

/** One view: the playing of one <video> from its first play until the page is left. */
class Watching {
  constructor(video) {
    this.video = video;
    this.ranges = [];
    this.seq = 0;
    this.at = null; // the position up to which what is played is known; null while it jumps
    this.unsent = false;
    this.refused = false;
    const on = (names, act) =>
      names.split(" ").forEach((name) => video.addEventListener(name, act));
    on("play", () => this.begin());
    on("playing seeked ratechange", () => this.here());
    on("timeupdate", () => this.advance());
    on("seeking emptied", () => (this.at = null));
    on("pause ended", (event) => this.stop(event.type));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave("hidden");
    });
    window.addEventListener("pagehide", () => this.leave("pagehide"));
    window.addEventListener("online", () => this.unsent && this.send("online"));
    if (!video.paused) this.begin();
  }

  begin() {
    if (!this.id) {
      this.id = newId();
      this.began = performance.now();
    }
    this.here();
    this.send("play");
    this.later(FIRST_AFTER);
  }

  here() {
    this.advance();
    this.at = this.video.seeking ? null : (this.at ?? beginning(this.video));
    this.clock = performance.now();
  }

  /** Takes in what was played since the last look, unless the position jumped. */
  advance() {
    if (!this.id || this.at === null || this.video.seeking) return;
    const { currentTime, playbackRate } = this.video;
    const passed = currentTime - this.at;
    const possible = ((performance.now() - this.clock) / 1000) * playbackRate + 1;
    if (passed > 0 && passed <= possible) {
      this.ranges = grow(this.ranges, thousandths(this.at), thousandths(currentTime));
      this.unsent = true;
    }
    this.at = currentTime;
    this.clock = performance.now();
  }

  stop(event) {
    if (!this.id) return;
    clearTimeout(this.timer);
    this.advance();
    this.send(event);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.advance();
      this.send("playing");
      if (!this.video.paused) this.later(EVERY);
    }, wait);
  }

  leave(event) {
    this.advance();
    if (this.id && this.unsent) this.send(event, true);
  }

  body(event) {
    return JSON.stringify({
      video: this.video.dataset.video,
      share: script.dataset.share || null,
      seq: this.seq++,
      elapsed: thousandths((performance.now() - this.began) / 1000),
      ranges: this.ranges.slice(-MOST_RANGES),
      event,
    });
  }

  send(event, leaving = false) {
    if (this.refused) return;
    const url = script.dataset.beaconUrl + this.id;
    const body = this.body(event);
    this.unsent = false;
    if (leaving && navigator.sendBeacon && navigator.sendBeacon(url, body)) return;
    const headers = { "Content-Type": "application/json" };
    fetch(url, { method: "POST", body, headers, keepalive: true, credentials: "same-origin" })
      .then((response) => {
        if (response.status >= 500) this.unsent = true;
        else if (!response.ok) this.refused = true;
      })
      .catch(() => (this.unsent = true));
  }
}

if (script) {
  document.querySelectorAll("video[data-video]").forEach((video) => new Watching(video));
}
