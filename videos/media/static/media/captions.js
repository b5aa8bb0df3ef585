/**
 * The captions editor: makes a table of the text of WebVTT in a form, in step with the player.
 *
 * <div data-controller="captions"> <form data-captions-target="form">…</form> </div>
 * with the cues in #cues and the limits in #limits, as JSON. templates/media/captions_edit.html
 * names the targets. Without this script the form's text can be edited as it is.
 */

import * as model from "./cues.js";

const SKIP = 2; // seconds
const ONE_THOUGHT = 1500; // milliseconds of typing that one undo takes back

class CaptionsController extends window.StimulusModule.Controller {
  static targets = [
    "form", "player", "tools", "undo", "redo", "conflict", "refusal", "list", "empty", "plain",
    "help", "follow", "said", "row", "words", "save",
  ]; // prettier-ignore
  static values = { language: String, label: String };

  connect() {
    this.limits = JSON.parse(document.getElementById("limits").textContent);
    this.cues = JSON.parse(document.getElementById("cues").textContent).map((cue) => ({
      ...cue,
      text: model.typedOf(cue.text),
    }));
    this.chosen = this.cues.length ? 0 : -1;
    this.past = [];
    this.future = [];
    this.isUnsaved = false;
    this.plainTarget.hidden = true;
    for (const part of [this.toolsTarget, this.listTarget, ...this.helpTargets])
      part.hidden = false;
    this.listen();
    this.draw();
  }

  disconnect() {
    this.over.abort();
  }

  listen() {
    this.over = new AbortController();
    const { signal } = this.over;
    const leave = (event) => this.isUnsaved && event.preventDefault();
    window.addEventListener("beforeunload", leave, { signal });
    this.formTarget.addEventListener("change", () => this.changed(), { signal });
    this.listTarget.addEventListener("focusin", (event) => this.chooseRow(event), { signal });
    if (!this.video) return;
    this.video.addEventListener("timeupdate", () => this.follow(), { signal });
    this.track = this.video.addTextTrack("captions", this.labelValue, this.languageValue);
    this.track.mode = "showing";
  }

  get video() {
    return this.hasPlayerTarget ? this.playerTarget.querySelector("video[data-video]") : null;
  }

  get moment() {
    return Math.round((this.video?.currentTime ?? 0) * 1000) / 1000;
  }

  // What the page shows

  draw() {
    this.listTarget.replaceChildren(...this.cues.map((cue, index) => this.rowOf(cue, index)));
    this.refresh();
  }

  // What hangs on the cues, beside their rows.
  refresh() {
    this.emptyTarget.hidden = this.cues.length > 0;
    this.remark();
    this.mark();
    this.undoTarget.disabled = this.past.length === 0;
    this.redoTarget.disabled = this.future.length === 0;
    this.refreshTrack();
  }

  rowOf(cue, index) {
    const row = this.rowTarget.content.firstElementChild.cloneNode(true);
    this.number(row, index);
    this.part(row, "start").value = model.timeOf(cue.start);
    this.part(row, "end").value = model.timeOf(cue.end);
    const text = this.part(row, "text");
    text.value = cue.text;
    text.rows = Math.max(2, cue.text.split("\n").length);
    return row;
  }

  number(row, index) {
    row.dataset.index = index;
    for (const number of row.querySelectorAll("[data-part=number]")) number.textContent = index + 1;
    const remarks = this.part(row, "remarks");
    remarks.id = `remarks-${index}`;
    this.part(row, "text").setAttribute("aria-describedby", remarks.id);
  }

  // Puts the rows in this order. `still` is not taken out of the page for it, so that the focus
  // that one of its fields has, or is about to get, stays there.
  arrange(rows, still) {
    const place = rows.indexOf(still);
    if (rows.some((row, index) => row !== this.row(index))) {
      still.before(...rows.slice(0, place));
      still.after(...rows.slice(place + 1));
    }
    rows.forEach((row, index) => this.number(row, index));
  }

  part(row, name) {
    return row.querySelector(`[data-part=${name}]`);
  }

  row(index) {
    return this.listTarget.children[index];
  }

  remark() {
    this.cues.forEach((cue, index) => {
      const told = model.remarksOn(cue, this.cues[index - 1], this.limits);
      const remarks = this.part(this.row(index), "remarks");
      remarks.textContent = told.map(([word, numbers]) => this.word(word, numbers)).join(" ");
    });
  }

  mark() {
    const spoken = this.video ? model.shownAt(this.cues, this.moment) : -1;
    [...this.listTarget.children].forEach((row, index) => {
      row.classList.toggle("captions__cue--chosen", index === this.chosen);
      if (index === spoken) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
    this.spoken = spoken;
  }

  follow() {
    const before = this.spoken;
    this.mark();
    const typing = this.listTarget.contains(document.activeElement);
    const wanted = this.followTarget.checked && !this.video.paused && !typing;
    if (wanted && this.spoken >= 0 && this.spoken !== before) this.reveal(this.row(this.spoken));
  }

  reveal(row) {
    row.scrollIntoView({ block: "nearest" });
  }

  refreshTrack() {
    if (!this.track) return;
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => {
      for (const cue of [...(this.track.cues ?? [])]) this.track.removeCue(cue);
      for (const cue of this.cues) {
        if (cue.end > cue.start) this.track.addCue(new VTTCue(cue.start, cue.end, cue.text));
      }
    }, 150);
  }

  word(name, numbers = {}) {
    const words = this.wordsTarget.content.querySelector(`[data-word=${name}]`).textContent;
    return words.replace(/%(\w+)%/g, (_all, key) => numbers[key]);
  }

  say(text) {
    this.saidTarget.textContent = text;
  }

  // What changes: every change is kept for undo first

  keep(thought = "") {
    const now = Date.now();
    const goesOn = thought && thought === this.thought && now - this.thoughtAt < ONE_THOUGHT;
    if (!goesOn)
      this.past.push({ cues: this.cues.map((cue) => ({ ...cue })), chosen: this.chosen });
    this.thought = thought;
    this.thoughtAt = now;
    this.future = [];
    this.changed();
  }

  changed() {
    this.isUnsaved = true;
    this.say(this.word("unsaved"));
  }

  change(cues, chosen) {
    this.keep();
    const target = cues[chosen];
    this.cues = model.inOrder(cues);
    this.chosen = target ? this.cues.indexOf(target) : Math.min(chosen, this.cues.length - 1);
    this.draw();
    this.focusChosen();
  }

  typed({ target }) {
    const index = Number(target.closest("li").dataset.index);
    this.keep(`typed ${index}`);
    this.cues[index].text = target.value;
    target.rows = Math.max(2, target.value.split("\n").length);
    this.undoTarget.disabled = false;
    this.redoTarget.disabled = true;
    this.remark();
    this.refreshTrack();
  }

  timed({ target }) {
    const index = Number(target.closest("li").dataset.index);
    const seconds = model.secondsOf(target.value);
    target.setAttribute("aria-invalid", String(seconds === null));
    if (seconds === null) {
      this.say(this.word("time"));
      return;
    }
    this.keep();
    const cues = this.cues.map((cue) => ({ ...cue }));
    const rows = new Map(cues.map((cue, place) => [cue, this.row(place)]));
    cues[index][target.dataset.part] = seconds;
    target.value = model.timeOf(seconds);
    this.cues = model.inOrder(cues);
    this.chosen = this.cues.indexOf(cues[index]);
    this.arrange(
      this.cues.map((cue) => rows.get(cue)),
      this.row(index),
    );
    this.refresh();
  }

  setStart() {
    const cue = this.cues[this.chosen];
    if (!cue) return;
    const length = cue.end - cue.start;
    const start = this.moment;
    const end = cue.end > start ? cue.end : start + length;
    this.change(this.cues.with(this.chosen, { ...cue, start, end }), this.chosen);
  }

  setEnd() {
    const cue = this.cues[this.chosen];
    if (!cue) return;
    this.change(this.cues.with(this.chosen, { ...cue, end: this.moment }), this.chosen);
  }

  add() {
    const cue = model.added(this.cues[this.chosen], this.cues[this.chosen + 1], this.moment);
    this.change(this.cues.toSpliced(this.chosen + 1, 0, cue), this.chosen + 1);
    this.part(this.row(this.chosen), "text").focus();
  }

  split() {
    const cue = this.cues[this.chosen];
    if (!cue) return;
    const text = this.part(this.row(this.chosen), "text");
    const caret = document.activeElement === text ? text.selectionStart : 0;
    const halves = model.parted(cue, caret, caret ? -1 : this.moment);
    this.change(this.cues.toSpliced(this.chosen, 1, ...halves), this.chosen + 1);
  }

  merge() {
    const [cue, next] = [this.cues[this.chosen], this.cues[this.chosen + 1]];
    if (!cue || !next) return;
    const one = model.joined(cue, next, this.limits);
    this.change(this.cues.toSpliced(this.chosen, 2, one), this.chosen);
  }

  remove() {
    if (!this.cues[this.chosen]) return;
    const cues = this.cues.toSpliced(this.chosen, 1);
    this.change(cues, Math.min(this.chosen, cues.length - 1));
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  step(from, to) {
    const state = from.pop();
    if (!state) return;
    to.push({ cues: this.cues, chosen: this.chosen });
    this.cues = state.cues;
    this.chosen = state.chosen;
    this.thought = "";
    this.changed();
    this.draw();
    this.focusChosen();
  }

  // Where one is

  chooseRow({ target }) {
    this.choose(Number(target.closest("li").dataset.index));
  }

  choose(index) {
    this.chosen = index;
    this.mark();
  }

  focusChosen() {
    const row = this.row(this.chosen);
    if (!row) return;
    this.part(row, "text").focus({ preventScroll: true });
    this.reveal(row);
  }

  move(by) {
    const index = this.chosen + by;
    if (!this.cues[index]) return;
    this.choose(index);
    this.focusChosen();
  }

  go({ currentTarget }) {
    this.choose(Number(currentTarget.closest("li").dataset.index));
    this.playChosen();
  }

  playChosen() {
    const cue = this.cues[this.chosen];
    if (cue) this.seek(cue.start);
  }

  seek(seconds) {
    const { video } = this;
    if (!video) return;
    const go = () => {
      video.currentTime = seconds;
      video.play().catch(() => {}); // a browser may want a press on the player first
    };
    if (video.readyState > 0) {
      go();
    } else {
      video.addEventListener("loadedmetadata", go, { once: true });
      this.playerTarget.querySelector(".player-start")?.click(); // nothing is loaded before
    }
  }

  toggle() {
    const { video } = this;
    if (!video) return;
    if (video.readyState === 0) this.playerTarget.querySelector(".player-start")?.click();
    else if (video.paused) video.play().catch(() => {});
    else video.pause();
  }

  skip(by) {
    if (this.video) this.video.currentTime = Math.max(0, this.video.currentTime + by);
  }

  key(event) {
    const act = this.actOf(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  actOf(event) {
    const control = event.ctrlKey || event.metaKey;
    if (control && !event.altKey) {
      if (event.code === "KeyS") return () => this.formTarget.requestSubmit();
      if (event.code === "KeyZ") return () => (event.shiftKey ? this.redo() : this.undo());
      if (event.code === "KeyY") return () => this.redo();
      return null;
    }
    if (!event.altKey || control) return null;
    return {
      KeyK: () => this.toggle(),
      KeyJ: () => this.skip(-SKIP),
      KeyL: () => this.skip(SKIP),
      KeyI: () => this.setStart(),
      KeyO: () => this.setEnd(),
      KeyP: () => this.playChosen(),
      KeyN: () => this.add(),
      KeyS: () => this.split(),
      KeyM: () => this.merge(),
      Delete: () => this.remove(),
      ArrowUp: () => this.move(-1),
      ArrowDown: () => this.move(1),
    }[event.code];
  }

  // What is kept

  async save(event) {
    event.preventDefault();
    const unread = this.listTarget.querySelector("[aria-invalid=true]");
    if (unread) {
      unread.focus();
      this.say(this.word("time"));
      return;
    }
    const wrong = this.cues.findIndex((cue) => cue.end <= cue.start && !model.isWordless(cue));
    if (wrong >= 0) {
      this.choose(wrong);
      this.focusChosen();
      this.say(this.word("backward"));
      return;
    }
    this.formTarget.elements.webvtt.value = model.webvtt(this.cues);
    this.say(this.word("saving"));
    this.saveTarget.disabled = true;
    this.isUnsaved = false; // unless something changes while it is on its way
    try {
      await this.send();
    } catch {
      this.isUnsaved = true;
      this.say(this.word("broke"));
    } finally {
      this.saveTarget.disabled = false;
    }
  }

  async send() {
    const answer = await fetch(window.location.href, {
      method: "POST",
      body: new FormData(this.formTarget),
      headers: { "X-Requested-With": "XMLHttpRequest" },
    });
    if (![200, 400, 409].includes(answer.status)) throw new Error(answer.statusText);
    const told = await answer.json();
    this.conflictTarget.hidden = answer.status !== 409;
    if (answer.ok) {
      this.formTarget.elements.seen.value = told.seen;
      if (!this.isUnsaved) this.say(this.word("saved"));
      return;
    }
    this.isUnsaved = true;
    this.theirs = told.theirs;
    this.refusalTarget.textContent = told.refusal;
    this.say(told.refusal);
  }

  replace() {
    this.formTarget.elements.seen.value = this.theirs;
    this.formTarget.requestSubmit();
  }
}

window.wagtail.app.register("captions", CaptionsController);
