// Sizes, speeds and times as people read them.

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const language = document.documentElement.lang || "en";

function scaled(bytes) {
  let step = 0;
  while (bytes >= 1024 && step < UNITS.length - 1) {
    bytes /= 1024;
    step += 1;
  }
  return [bytes, UNITS[step]];
}

function written(value, unit, { unitDisplay = "short" } = {}) {
  const maximumFractionDigits = value < 10 && unit !== "byte" && unitDisplay === "short" ? 1 : 0;
  const options = { style: "unit", unit, unitDisplay, maximumFractionDigits };
  return new Intl.NumberFormat(language, options).format(value);
}

export function size(bytes) {
  return written(...scaled(bytes));
}

export function speed(bytesPerSecond) {
  const [value, unit] = scaled(bytesPerSecond);
  return written(value, `${unit}-per-second`);
}

/** A length of time, rounded up as far as anybody can tell. */
export function time(seconds) {
  const long = { unitDisplay: "long" };
  if (seconds < 60) return written(Math.max(5, Math.ceil(seconds / 5) * 5), "second", long);
  if (seconds < 3600) return written(Math.ceil(seconds / 60), "minute", long);
  return written(Math.round(seconds / 360) / 10, "hour", { unitDisplay: "long" });
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
