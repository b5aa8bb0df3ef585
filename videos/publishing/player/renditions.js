// The list of qualities that media-chrome's menu shows, on top of hls.js's levels.

export class Renditions extends EventTarget {
  #hls = null;
  length = 0;

  *[Symbol.iterator]() {
    for (let i = 0; i < this.length; i += 1) yield this[i];
  }

  // -1 is “auto”.
  get selectedIndex() {
    return this.#hls && !this.#hls.autoLevelEnabled ? this.#hls.nextLevel : -1;
  }

  set selectedIndex(index) {
    if (this.#hls) this.#hls.nextLevel = index;
    this.dispatchEvent(new Event("change"));
  }

  show(hls) {
    for (let i = 0; i < this.length; i += 1) delete this[i];
    this.#hls = hls;
    this.length = hls.levels.length;
    hls.levels.forEach(({ width, height, bitrate }, i) => {
      this[i] = { id: String(i), width, height, bitrate };
    });
    this.dispatchEvent(new Event("addrendition"));
  }
}

// Runs before media-chrome looks at the elements.
for (const video of document.querySelectorAll("[data-player] video[data-video]")) {
  video.videoRenditions = new Renditions();
}
