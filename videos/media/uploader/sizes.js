// Sizes, speeds and times as people read them.

const UNITS = ["KB", "MB", "GB", "TB"]; // as the studio's pages write them
const language = document.documentElement.lang || "en";
const oneDigit = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

function written(value, unit, { unitDisplay = "short", maximumFractionDigits = 0 } = {}) {
  const options = { style: "unit", unit, unitDisplay, maximumFractionDigits };
  return new Intl.NumberFormat(language, options).format(value);
}

export function size(bytes) {
  if (bytes < 1024) return written(bytes, "byte", { unitDisplay: "long" });
  let value = bytes / 1024;
  let step = 0;
  while (value >= 1024 && step < UNITS.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${new Intl.NumberFormat(language, oneDigit).format(value)} ${UNITS[step]}`;
}

export function speed(bytesPerSecond) {
  return `${size(Math.round(bytesPerSecond))}/s`;
}

/** A length of time, rounded up as far as anybody can tell. */
export function time(seconds) {
  const long = { unitDisplay: "long" };
  if (seconds < 60) return written(Math.max(5, Math.ceil(seconds / 5) * 5), "second", long);
  if (seconds < 3600) return written(Math.ceil(seconds / 60), "minute", long);
  return written(Math.round(seconds / 360) / 10, "hour", { ...long, maximumFractionDigits: 1 });
}

/** How fast something moves, over the last seconds. */
export class Speed {
  constructor() {
    this.seen = [];
  }

  /** Notes how much is done now; returns bytes per second, or null while nobody can tell. */
  note(done) {
    const moment = performance.now() / 1000;
    this.seen.push([moment, done]);
    while (this.seen.length > 2 && moment - this.seen[0][0] > 8) this.seen.shift();
    const [first, was] = this.seen[0];
    return moment - first > 1 && done > was ? (done - was) / (moment - first) : null;
  }
}
