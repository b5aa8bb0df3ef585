// Cues as plain values: {start, end, settings, text}, times in seconds. Nothing here knows a page.

const TIME = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)$/;
const STRAY = /<(?!\/?(?:b|i|u|v|c|lang|ruby|rt)\b)/g;
const SLACK = 0.05; // seconds

// Seconds of “83”, “1:23.4”, “1:02:03,500”; null for what is no time.
export function secondsOf(text) {
  const match = TIME.exec(text.trim());
  if (!match) return null;
  const [, hours = 0, minutes = 0, seconds] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(",", "."));
}

function clock(seconds, withHours) {
  const milliseconds = Math.round(seconds * 1000);
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const rest = ((milliseconds % 60_000) / 1000).toFixed(3).padStart(6, "0");
  const pair = (number) => String(number).padStart(2, "0");
  if (withHours) return `${pair(hours)}:${pair(minutes)}:${rest}`;
  return hours ? `${hours}:${pair(minutes)}:${rest}` : `${minutes}:${rest}`;
}

// A time as an editor's field shows it.
export function timeOf(seconds) {
  return clock(seconds, false);
}

// What a person reads and types, of what WebVTT writes.
export function typedOf(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function writtenOf(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter(Boolean)
    .join("\n")
    .replaceAll("&", "&amp;")
    .replaceAll("-->", "→")
    .replace(STRAY, "&lt;");
}

export function isWordless(cue) {
  return writtenOf(cue.text) === "";
}

// The cues as WebVTT; what has no text is left out.
export function webvtt(cues) {
  const blocks = cues
    .filter((cue) => !isWordless(cue))
    .map((cue) => {
      const times = `${clock(cue.start, true)} --> ${clock(cue.end, true)} ${cue.settings}`;
      return `${times.trim()}\n${writtenOf(cue.text)}`;
    });
  return `${["WEBVTT", ...blocks].join("\n\n")}\n`;
}

export function inOrder(cues) {
  return [...cues].sort((a, b) => a.start - b.start || a.end - b.end);
}

// The last cue that is shown at a moment; -1 for none.
export function shownAt(cues, moment) {
  return cues.findLastIndex((cue) => cue.start <= moment && moment < cue.end);
}

// What is odd with a cue, as [word, its numbers]; the same rules as remarks.py.
export function remarksOn(cue, before, limits) {
  const told = [];
  const lines = cue.text.split("\n").filter((line) => line.trim());
  const read = lines.map((line) => line.replace(/<[^>]*>/g, ""));
  const seconds = cue.end - cue.start;
  const speed = read.join(" ").length / Math.max(0.001, seconds);
  if (seconds <= 0) return [["backward", {}]];
  if (lines.length === 0) told.push(["wordless", {}]);
  if (limits.length !== null && cue.start >= limits.length) told.push(["after", {}]);
  else if (limits.length !== null && cue.end > limits.length + SLACK) told.push(["beyond", {}]);
  if (speed > limits.fastest) {
    told.push(["fast", { speed: Math.round(speed), most: limits.fastest }]);
  } else if (seconds < limits.shortest) {
    told.push(["brief", {}]);
  }
  if (lines.length > limits.lines) told.push(["lines", {}]);
  if (read.some((line) => line.length > limits.columns))
    told.push(["long", { most: limits.columns }]);
  if (before && cue.start < before.end - SLACK) told.push(["overlap", {}]);
  return told;
}

// Two cues of one: the text parted at `caret` (else near its middle), the time at `moment` if that
// lies within, else as the text is parted.
export function parted(cue, caret, moment) {
  const text = cue.text;
  const at = caret > 0 && caret < text.length ? caret : middleOf(text);
  const share = text.length ? at / text.length : 0.5;
  const inside = moment > cue.start + 0.1 && moment < cue.end - 0.1;
  const border = inside ? moment : cue.start + (cue.end - cue.start) * share;
  const second = Math.round(border * 1000) / 1000;
  return [
    { ...cue, end: second, text: text.slice(0, at).trim() },
    { ...cue, start: second, text: text.slice(at).trim() },
  ];
}

function middleOf(text) {
  const half = text.length / 2;
  const gaps = [...text.matchAll(/\s+/g)].map((gap) => gap.index);
  if (gaps.length === 0) return text.length;
  return gaps.reduce((best, gap) => (Math.abs(gap - half) < Math.abs(best - half) ? gap : best));
}

// One cue of two.
export function joined(first, second, limits) {
  const lines = [first.text, second.text].filter((text) => text.trim());
  const isShort = lines.every((line) => !line.includes("\n") && line.length <= limits.columns);
  return {
    ...first,
    end: Math.max(first.end, second.end),
    text: lines.join(isShort ? "\n" : " "),
  };
}

// A new cue after `before` (if any): where the player is, if there is room, else right after.
export function added(before, after, moment) {
  const from = before ? before.end : 0;
  const until = after ? after.start : Infinity;
  const start = moment >= from && moment < until - 0.3 ? moment : from;
  const end = Math.max(start + 0.3, Math.min(start + 2, until));
  return {
    start: Math.round(start * 1000) / 1000,
    end: Math.round(end * 1000) / 1000,
    settings: "",
    text: "",
  };
}
