// A row of the list: one upload, with how far it is and what can be done about it.

import { size, Speed, speed, time } from "./sizes.js";

const DRAW_MS = 250;

/** What a person may do in each phase, in the order of the buttons. */
const ACTS = {
  preparing: [],
  queued: ["stop"],
  sending: ["pause", "stop"],
  paused: ["resume", "stop"],
  away: ["retry", "stop"],
  halted: ["retry", "stop"],
  summing: [],
  checking: [],
  twin: ["use", "keep"],
  waiting: ["chooseAgain", "stop"],
  refused: ["dismiss"],
  expired: ["dismiss"],
};

/** Phases in which leaving the page would interrupt something. */
export const BUSY = ["preparing", "queued", "sending", "away", "summing"];
const MOVING = ["sending", "paused", "away", "halted", "waiting"];

export class Row {
  /** `page` has the templates: `row()`, `look(phase)`, `word(name, values)`; `act` hears buttons. */
  constructor(page, { name, bytes }, act) {
    this.page = page;
    this.name = name;
    this.bytes = bytes;
    this.beginAnew();
    this.speed = new Speed();
    this.element = page.row();
    this.part("name").textContent = name;
    this.part("progress").setAttribute("aria-label", page.word("progress", { name }));
    for (const button of this.element.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => act(button.dataset.act));
      const label = button.dataset.label;
      if (label) button.setAttribute("aria-label", label.replace("%name%", name));
    }
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  /** Another phase, with a sentence about it. */
  show(phase, said = "") {
    const focused = this.element.contains(document.activeElement);
    this.phase = phase;
    this.element.dataset.phase = phase;
    this.part("look").replaceChildren(this.page.look(phase));
    this.part("said").textContent = said;
    this.part("said").classList.toggle("media-upload__refusal", phase === "refused");
    this.part("way").hidden = !MOVING.includes(phase);
    for (const button of this.element.querySelectorAll("[data-act]")) {
      button.hidden = !ACTS[phase].includes(button.dataset.act);
    }
    this.speed = new Speed();
    this.draw();
    // The button that was pressed may be gone: its neighbour takes the focus.
    if (focused && document.activeElement === document.body) {
      this.element.querySelector("[data-act]:not([hidden])")?.focus();
    }
  }

  /** The two answers to the question whether the same file is meant twice. */
  offer({ use, keep }) {
    this.part("use").textContent = use;
    this.part("keep").textContent = keep;
  }

  /** Nothing of it is there: the file is sent from its beginning. */
  beginAnew() {
    this.received = 0;
    this.shown = 0;
  }

  /** Some more has gone; drawn a few times a second. */
  progress(received) {
    this.received = received;
    const rate = this.speed.note(received);
    const moment = performance.now();
    if (this.drawn && moment - this.drawn < DRAW_MS && received < this.bytes) return;
    this.drawn = moment;
    this.draw(rate);
  }

  draw(rate = null) {
    // What was lost with a connection is sent again: nobody sees it go back.
    this.shown = Math.max(this.shown, this.received);
    const percent = this.bytes ? Math.floor((100 * this.shown) / this.bytes) : 0;
    this.part("progress").value = percent;
    const told = [
      this.page.word("percent", { percent }),
      this.page.word("sent", { sent: size(this.shown), size: size(this.bytes) }),
    ];
    if (rate && this.phase === "sending") {
      const left = time((this.bytes - this.received) / rate);
      told.push(speed(rate), this.page.word("left", { time: left }));
    }
    this.part("figures").textContent = told.join(" · ");
  }
}
