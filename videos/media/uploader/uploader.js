import { checksum, fingerprint } from "./files.js";
import { BUSY, Row } from "./row.js";
import { Sending } from "./sending.js";
import { ask, Refused } from "./server.js";

const SECOND = 1000;
const WAITS = [2, 5, 10, 20, 30]; // seconds between tries while the connection is away
const LOCKED = 423; // somebody else is sending it
const ENDED = 409; // maybe: to S3 the studio signs no more; on the disk it is elsewhere in the file; or it is here
const FOR_GOOD = [401, 403, 404, 410, 413];
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * SECOND));

/**
 * Sends cuts: several files, in order, each of which can be paused and gone on with, also after a
 * lost connection or another day.
 *
 * <div data-controller="media-uploader" data-media-uploader-url-value="…/cuts/uploads/7/"
 *   data-media-uploader-worker-value="…/checksum.js" data-media-uploader-chunk-value="67108864">
 *   <div data-media-uploader-target="drop"><input type="file" multiple
 *     data-media-uploader-target="input" data-action="media-uploader#choose"></div>
 *   <ol data-media-uploader-target="list"></ol>
 *   <p role="status" data-media-uploader-target="status"></p>
 *   <template data-media-uploader-target="row">…</template>
 *   <template data-media-uploader-target="looks"><span data-phase="sending">…</span></template>
 *   <template data-media-uploader-target="words"><span data-word="left">…</span></template>
 * </div>
 */
class MediaUploaderController extends window.StimulusModule.Controller {
  static targets = ["drop", "input", "list", "status", "row", "looks", "words"];
  static values = { url: String, worker: String, chunk: Number };

  initialize() {
    this.items = []; // in the order of choice
    this.turn = Promise.resolve(); // files are announced one after the other
    this.summing = Promise.resolve(); // and read one after the other
    this.sending = new Sending(this.chunkValue || Infinity, {
      progress: (key, bytes) => this.moved(this.byKey(key), bytes),
      success: (key) => this.sent(this.byKey(key)),
      failure: (key, status) => this.failed(this.byKey(key), status),
    });
    this.leaving = (event) => {
      if (this.items.some((item) => item.file && BUSY.includes(item.row.phase))) {
        event.preventDefault();
      }
    };
    this.online = () => this.items.forEach((item) => item.wake?.());
    this.offline = () => {
      for (const item of this.items) if (item.row.phase === "sending") this.show(item, "away");
    };
    this.dragged = (event) => this.drag(event);
  }

  connect() {
    window.addEventListener("beforeunload", this.leaving);
    window.addEventListener("online", this.online);
    window.addEventListener("offline", this.offline);
    for (const name of ["dragover", "dragleave", "drop"]) {
      window.addEventListener(name, this.dragged);
    }
    this.turn = this.turn.then(() => this.recall());
  }

  disconnect() {
    window.removeEventListener("beforeunload", this.leaving);
    window.removeEventListener("online", this.online);
    window.removeEventListener("offline", this.offline);
    for (const name of ["dragover", "dragleave", "drop"]) {
      window.removeEventListener(name, this.dragged);
    }
  }

  // What the row asks of the page

  row() {
    return this.rowTarget.content.firstElementChild.cloneNode(true);
  }

  look(phase) {
    return this.looksTarget.content.querySelector(`[data-phase="${phase}"]`).cloneNode(true);
  }

  word(name, values = {}) {
    const text = this.wordsTarget.content.querySelector(`[data-word="${name}"]`).textContent;
    return text.trim().replace(/%(\w+)%/g, (_whole, value) => values[value]);
  }

  byKey(key) {
    return this.items.find((item) => item.key === key && item.file);
  }

  // Choosing files

  choose() {
    this.add([...this.inputTarget.files]);
    this.inputTarget.value = "";
  }

  /** A file may be let go anywhere on the page: it never opens in the place of the page. */
  drag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dropTarget.classList.toggle("media-drop--over", event.type === "dragover");
    if (event.type === "drop") this.add([...event.dataTransfer.files]);
  }

  add(files) {
    for (const file of files) {
      const item = this.item({ name: file.name, bytes: file.size });
      item.file = file;
      this.show(item, "preparing");
      this.turn = this.turn.then(() => this.announce(item));
    }
  }

  item({ name, bytes }) {
    const item = { bytes };
    item.row = new Row(this, { name, bytes }, (act) => this[act](item));
    this.items.push(item);
    this.listTarget.append(item.row.element);
    return item;
  }

  drop(item) {
    this.items = this.items.filter((other) => other !== item);
    const hadFocus = item.row.element.contains(document.activeElement);
    item.row.element.remove();
    if (hadFocus) this.inputTarget.focus();
  }

  /** Has room reserved for a file, or finds its unfinished upload. */
  async announce(item) {
    const { file } = item;
    try {
      const told = { name: file.name, bytes: file.size, fingerprint: await fingerprint(file) };
      this.takePlace(item, told.fingerprint);
      const upload = await this.insist(item, () => ask("POST", this.urlValue, told));
      if (this.byKey(upload.key)) {
        this.show(item, "refused", this.word("doubled"));
        return;
      }
      Object.assign(item, { key: upload.key, url: upload.url, tries: 0 });
      item.row.received = upload.received;
      this.show(item, "queued");
      this.sum(item);
      this.sending.add(upload, file);
    } catch (error) {
      this.show(
        item,
        "refused",
        (error instanceof Refused && this.reason(error)) || this.word("unread"),
      );
    }
  }

  /** The file of an upload that waits for it: one row for both, where the old one was. */
  takePlace(item, print) {
    const waits = ({ fingerprint: known, row }) => row.phase === "waiting" && known === print;
    const waiting = this.items.find(waits);
    if (!waiting) return;
    waiting.row.element.before(item.row.element);
    this.items = this.items.filter((other) => other !== item);
    this.items[this.items.indexOf(waiting)] = item;
    waiting.row.element.remove();
  }

  sum(item) {
    const over = new AbortController();
    item.over = () => over.abort();
    const started = this.summing.then(() =>
      over.signal.aborted ? "" : checksum(item.file, this.workerValue, over.signal),
    );
    item.checksum = started;
    this.summing = started.catch(() => {});
  }

  // While it goes

  moved(item, bytes) {
    if (!item) return;
    if (["queued", "away"].includes(item.row.phase) && navigator.onLine) {
      this.show(item, "sending");
    }
    if (bytes > item.row.received) item.tries = 0;
    item.row.progress(bytes);
  }

  pause(item) {
    this.sending.pause(item.key, true);
    this.show(item, "paused");
  }

  resume(item) {
    this.show(item, "queued");
    this.sending.pause(item.key, false);
  }

  /** Gives up; what has arrived goes. */
  async stop(item) {
    const begun = item.row.received > 0;
    if (begun && !window.confirm(this.word("sure", { name: item.row.name }))) return;
    item.gone = true;
    item.over?.();
    item.wake?.();
    if (item.file) this.sending.remove(item.key);
    this.drop(item);
    this.say(this.word("stopped", { name: item.row.name }));
    await this.insist(item, () => ask("DELETE", item.url)).catch(() => {});
  }

  /** Off the list: it came to nothing. */
  async dismiss(item) {
    item.over?.();
    this.drop(item);
    if (item.url) await ask("DELETE", item.url).catch(() => {});
  }

  async failed(item, status) {
    if (!item || item.gone) return;
    if ([...FOR_GOOD, ENDED].includes(status) && (await this.elsewhere(item))) return;
    if (FOR_GOOD.includes(status)) {
      const text = status === 401 || status === 403 ? this.word("rights") : this.word("ended");
      this.show(item, "halted", text);
      return;
    }
    this.show(item, "away", this.word(status === LOCKED ? "locked" : "away"));
    await this.wait(item);
    if (item.row.phase === "away" && !item.gone) this.sending.retry(item.key);
  }

  /** Whether the upload came to its end without us: from another page, say. That is shown then. */
  async elsewhere(item) {
    const upload = await ask("GET", item.url).catch(() => null);
    if (!upload || upload.state === "receiving") return false;
    this.show(item, "checking", upload.said);
    await this.settled(item, upload);
    return true;
  }

  /** It stood still for so long that its room went to others: room is asked for once more. */
  anew(item) {
    item.over?.();
    this.sending.remove(item.key);
    ask("DELETE", item.url).catch(() => {});
    item.key = item.url = null;
    item.row.beginAnew();
    this.show(item, "preparing");
    this.turn = this.turn.then(() => this.announce(item));
  }

  /** Some time, longer each time; a press or the connection's return ends it. */
  async wait(item) {
    const seconds = WAITS[Math.min(item.tries ?? 0, WAITS.length - 1)];
    item.tries = (item.tries ?? 0) + 1;
    const woken = new Promise((resolve) => {
      item.wake = resolve;
    });
    await Promise.race([pause(seconds), woken]);
    item.wake = null;
  }

  retry(item) {
    if (item.wake) {
      item.wake();
      return;
    }
    this.show(item, "queued");
    if (item.row.received < item.bytes) this.sending.retry(item.key);
    else this.sent(item);
  }

  // At the end

  async sent(item) {
    if (!item) return;
    item.row.received = item.bytes;
    this.show(item, "summing", this.word("summing"));
    try {
      const sha256 = await item.checksum;
      await this.inOrder(item);
      if (item.gone) return;
      this.show(item, "checking", this.word("checking"));
      await this.settled(
        item,
        await this.insist(item, () => ask("POST", `${item.url}finish/`, { sha256 })),
      );
    } catch (error) {
      if (item.gone) return;
      this.show(
        item,
        "refused",
        (error instanceof Refused && this.reason(error)) || this.word("unread"),
      );
    }
  }

  /** Cuts are numbered as their files were chosen: one that is sooner done waits for those before. */
  async inOrder(item) {
    const before = this.items.slice(0, this.items.indexOf(item));
    const going = ["queued", "sending", "summing", "checking"];
    while (before.some((other) => other.file && going.includes(other.row.phase))) await pause(0.2);
  }

  /** Asks until the studio has compared it, then shows what became of it. */
  async settled(item, upload) {
    while (upload.state === "checking") {
      await pause(1.5);
      upload = await this.insist(item, () => ask("GET", item.url));
    }
    if (upload.state === "expired" && item.file) {
      this.anew(item);
      return;
    }
    item.file = null;
    this.sending.remove(item.key);
    this.tell(item, upload);
  }

  tell(item, upload) {
    if (upload.state === "stored") {
      this.drop(item);
      this.say(upload.said);
      if (upload.cut) this.showCut(upload); // else it was removed meanwhile
    } else if (upload.state === "twin") {
      item.row.offer(upload.choices);
      this.show(item, "twin", upload.said);
    } else if (["refused", "expired"].includes(upload.state)) {
      this.show(item, upload.state, upload.said);
    } else {
      this.drop(item);
    }
  }

  showCut({ cut, html }) {
    if (document.getElementById(`cut-${cut}`)) return;
    let cuts = document.querySelector("ol.media-cuts");
    if (!cuts) {
      cuts = document.createElement("ol");
      cuts.className = "media-cuts";
      this.element.after(cuts);
      document.querySelector("[data-media-none]")?.remove();
    }
    cuts.insertAdjacentHTML("afterbegin", html);
  }

  async use(item) {
    await this.answer(
      item,
      () => ask("DELETE", item.url),
      () => {
        this.drop(item);
        this.say(this.word("taken", { name: item.row.name }));
      },
    );
  }

  async keep(item) {
    this.show(item, "checking", this.word("checking"));
    const kept = () => ask("POST", `${item.url}keep/`);
    await this.answer(item, kept, (upload) => this.settled(item, upload));
  }

  async answer(item, act, then) {
    try {
      await then(await this.insist(item, act));
    } catch (error) {
      if (error.status === ENDED && (await this.elsewhere(item))) return;
      this.show(item, "refused", this.reason(error));
    }
  }

  // What is there from before

  /** The uploads that the studio knows of: this page was left, or another one began them. */
  async recall() {
    const { uploads } = await ask("GET", this.urlValue).catch(() => ({ uploads: [] }));
    for (const upload of uploads) {
      const item = this.item(upload);
      Object.assign(item, { key: upload.key, url: upload.url, fingerprint: upload.fingerprint });
      item.row.received = upload.received;
      if (upload.state === "receiving") this.show(item, "waiting", upload.said);
      else if (upload.state === "checking") {
        this.show(item, "checking", upload.said);
        this.settled(item, upload);
      } else this.tell(item, upload);
    }
  }

  /** The dialog for files, to go on with one. */
  chooseAgain() {
    this.inputTarget.click();
  }

  // Words

  show(item, phase, said) {
    if (item.row.phase === phase && !said) return;
    item.row.show(phase, said ?? "");
    if (phase !== "preparing" && phase !== "queued") {
      this.say(`${item.row.name}: ${item.row.part("look").textContent.trim()}. ${said ?? ""}`);
    }
  }

  say(text) {
    this.statusTarget.textContent = text;
  }

  reason(error) {
    if (error.status === 403) return this.word("forbidden");
    return error.message || this.word("ended");
  }

  /** Does something until the studio answers: a connection that is away comes back. */
  async insist(item, act) {
    for (;;) {
      try {
        return await act();
      } catch (error) {
        const temporary = !(error instanceof Refused) || error.status >= 500;
        if (!temporary || item.gone) throw error;
        await this.wait(item);
      }
    }
  }
}

window.wagtail.app.register("media-uploader", MediaUploaderController);
