// Reports what is really played of the videos of a page, to POST /api/v1/views/{uuid}.
//
// Every report carries all that was played so far, so that a lost one is made good by the next. The
// server takes the share link from the browser's cookie.

const FIRST_AFTER = 4000; // milliseconds of playing until the first report of what was played
const EVERY = 10_000;
const PAUSE = 30 * 60_000; // milliseconds without playing that end a view
const MOST_RANGES = 300; // of a view
const BEGUN = "views-begun"; // in sessionStorage: [id, key, milliseconds since 1970] of views
const MOST_BEGUN = 20;
const DAY = 24 * 3600_000;
const RETRY_FIRST = 5000; // milliseconds until a failed report is sent again, then twice as many …
const RETRY_LAST = 300_000; // … up to these, unless the server names a time of its own
const RETRY_MOST = 3600_000; // what a server may ask for at most

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

/**
 * Milliseconds to wait before a report is sent again: what the server's Retry-After says (seconds
 * or a date), else longer after each failure. Spread, so that many viewers do not come at once.
 */
export function waitFor(retryAfter, failures, now = Date.now(), random = Math.random()) {
  const named = /^\d+$/.test(retryAfter ?? "")
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter ?? "") - now;
  const own = Math.min(RETRY_FIRST * 2 ** Math.min(failures, 10), RETRY_LAST);
  const wait = Number.isNaN(named) ? own : Math.min(Math.max(named, 1000), RETRY_MOST);
  return wait * (1 + random / 4);
}

/** Where the stretch began that the video is playing now: events come a little late. */
function beginning({ currentTime, played }) {
  for (let i = 0; i < played.length; i++) {
    const start = played.start(i);
    if (start <= currentTime && currentTime <= played.end(i) && currentTime - start < 1)
      return start;
  }
  return currentTime;
}

/** What the visitor's answer is, as consent.js shows it; undefined until it is known. */
const consent = () => document.documentElement.dataset.consent;

/** Keeps a view in this tab until the visitor has answered whether to be remembered. */
function keep({ id, key }) {
  if ((consent() ?? "unasked") !== "unasked") return;
  try {
    const known = JSON.parse(sessionStorage.getItem(BEGUN) ?? "[]");
    const lately = known.filter(([, , at]) => Date.now() - at < DAY);
    const begun = [...lately, [id, key, Date.now()]].slice(-MOST_BEGUN);
    sessionStorage.setItem(BEGUN, JSON.stringify(begun));
  } catch {
    // Storage is blocked or full: a later yes holds from the next view on.
  }
}

/** One view: its id and key, what was played in it, and how it reaches the server. */
class View {
  constructor(video) {
    this.id = newId();
    this.key = newId(); // told to the server alone: by it the view is this tab's
    this.video = video;
    this.began = performance.now();
    this.ranges = [];
    this.seq = 0;
    this.known = 1; // how often something new was to tell: that it began is the first
    this.sent = 0; // up to which of these a report is on its way
    this.told = 0; // up to which of these the server has said yes
    this.failures = 0;
    this.waiting = null; // the timer of the next try
    this.offline = false;
    this.refused = false;
    this.consent = consent();
    keep(this);
  }

  add(from, to) {
    const ranges = grow(this.ranges, thousandths(from), thousandths(to));
    if (ranges.length > MOST_RANGES) return; // the server takes no more, either
    this.ranges = ranges;
    this.known += 1;
  }

  body(event) {
    return JSON.stringify({
      video: this.video,
      share: null,
      key: this.key,
      seq: this.seq++,
      elapsed: thousandths((performance.now() - this.began) / 1000),
      ranges: this.ranges,
      event,
    });
  }

  get url() {
    return script.dataset.beaconUrl + this.id;
  }

  get isTelling() {
    return this.sent >= this.known;
  }

  /** Whether the visitor said no after the view began: what is played from then on names nobody. */
  get isDeclined() {
    this.consent ??= consent();
    return this.consent !== "declined" && consent() === "declined";
  }

  /** Tells all that is known, unless the server asked for patience; then it is told later. */
  async send(event) {
    if (this.refused || this.waiting) return;
    const { known } = this;
    this.sent = known;
    const headers = { "Content-Type": "application/json" };
    const options = { method: "POST", headers, keepalive: true, credentials: "same-origin" };
    let answer = null;
    try {
      answer = await fetch(this.url, { ...options, body: this.body(event) });
    } catch {
      // no network: as good as a server that is down
    }
    this.offline = !answer;
    if (answer?.ok) {
      this.told = Math.max(this.told, known);
      this.failures = 0;
    } else if (!answer || answer.status >= 500 || [408, 425, 429].includes(answer.status)) {
      this.sent = this.told;
      this.retry(waitFor(answer?.headers.get("Retry-After"), this.failures++));
    } else {
      this.refused = true; // this view, not the next one
    }
  }

  retry(wait) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.again("retry"), wait);
  }

  again(event) {
    clearTimeout(this.waiting);
    this.waiting = null;
    if (this.told < this.known) this.send(event);
  }

  /** The page may never come back. A beacon gets through then, but nobody hears the answer. */
  leave(event) {
    if (this.refused || this.isTelling) return;
    const gone = event === "pagehide" || this.waiting;
    if (gone && navigator.sendBeacon?.(this.url, this.body(event))) this.sent = this.known;
    else this.send(event);
  }
}

/** Watches one <video>: from a first play to thirty minutes without playing is one view. */
class Watching {
  constructor(video) {
    this.video = video;
    this.views = []; // the last one is going on; earlier ones may still have to be told
    this.at = null; // the position up to which what is played is known; null while it jumps
    const on = (names, act) =>
      names.split(" ").forEach((name) => video.addEventListener(name, act));
    on("play", () => this.begin());
    on("playing seeked ratechange", () => this.here());
    on("timeupdate", () => this.advance());
    on("seeking emptied", () => (this.at = null));
    on("pause ended", (event) => this.stop(event.type));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave("hidden");
      else this.back("visible");
    });
    window.addEventListener("pagehide", () => this.leave("pagehide"));
    window.addEventListener("pageshow", (event) => event.persisted && this.back("pageshow"));
    window.addEventListener("online", () => this.back("online"));
    if (!video.paused) this.begin();
  }

  get view() {
    return this.views.at(-1);
  }

  begin() {
    if (!this.view || this.isOver()) this.another();
    else this.later(FIRST_AFTER);
    this.here();
  }

  /**
   * After a no, or thirty minutes without playing. A machine that sleeps may stop one of its clocks,
   * so that the longer time holds.
   */
  isOver() {
    const still = Math.max(performance.now() - this.clock, Date.now() - this.day);
    return still >= PAUSE || this.view.isDeclined;
  }

  another() {
    if (this.view && !this.view.isTelling) this.view.send("pause"); // what was played until the no
    this.views = this.views.filter((view) => view.told < view.known && !view.refused);
    this.views.push(new View(this.video.dataset.video));
    this.look();
    this.view.send("play");
    this.later(FIRST_AFTER);
  }

  /** Notes the moment: of playing, and of the looks in between. */
  look() {
    this.clock = performance.now();
    this.day = Date.now();
    this.looked = this.clock;
    this.rate = this.video.playbackRate;
  }

  here() {
    this.advance();
    this.at = this.video.seeking ? null : (this.at ?? beginning(this.video));
    this.looked = performance.now();
  }

  /** Takes in what was played since the last look, unless the position jumped. */
  advance() {
    if (!this.view || this.at === null || this.video.seeking) return;
    const { currentTime, playbackRate } = this.video;
    const passed = currentTime - this.at;
    if (passed > 0) {
      if (this.isOver()) this.another();
      const rate = Math.max(playbackRate, this.rate);
      const possible = ((performance.now() - this.looked) / 1000) * rate + 1;
      if (passed <= possible) this.view.add(this.at, currentTime);
      this.look();
    }
    this.at = currentTime;
    this.looked = performance.now();
    this.rate = playbackRate;
  }

  stop(event) {
    if (!this.view) return;
    clearTimeout(this.timer);
    this.advance();
    if (event === "pause" && (this.video.ended || this.view.isTelling)) return; // “ended” is next
    this.view.send(event);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.advance();
      if (!this.view.isTelling) this.view.send("playing");
      if (!this.video.paused) this.later(EVERY);
    }, wait);
  }

  leave(event) {
    this.advance();
    this.views.forEach((view) => view.leave(event));
  }

  /** Back from the network's or the page's absence: what got no answer is told again. */
  back(event) {
    this.views.forEach((view) => {
      if (!view.waiting || (event === "online" && view.offline)) view.again(event);
    });
  }
}

if (script) {
  document.querySelectorAll("video[data-video]").forEach((video) => new Watching(video));
}
