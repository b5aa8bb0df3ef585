// Loads the player when someone shows that they want to watch: touches, focuses or presses the
// play button. Until then the page carries this file alone.

const players = new Map(); // address of the player → the promise of its module

function load(root) {
  const address = new URL(root.dataset.player, document.baseURI).href;
  if (!players.has(address)) {
    const module = import(address);
    module.catch(() => players.delete(address)); // the next try asks again
    players.set(address, module);
  }
  return players.get(address);
}

async function start(root) {
  if (root.dataset.state === "loading") return;
  const video = root.querySelector("video");
  root.dataset.state = "loading";
  try {
    if (playsItself(video)) {
      video.play().catch(() => {}); // WebKit wants this within the press itself
    }
    const player = await load(root);
    await player.start(root);
  } catch (reason) {
    console.error(reason);
    root.dataset.state = "failed";
  }
}

// Only WebKit's own HLS is trusted to adapt, see docs/decisions/0003-player.md.
function playsItself(video) {
  return (
    navigator.vendor.startsWith("Apple") &&
    video.canPlayType("application/vnd.apple.mpegurl") !== ""
  );
}

const bound = new WeakSet();

function bind(root) {
  if (bound.has(root)) return;
  bound.add(root);
  const button = root.querySelector(".player-start");
  for (const sign of ["pointerdown", "focus", "keydown"]) {
    button.addEventListener(sign, () => load(root).catch(() => {}), { once: true });
  }
  button.addEventListener("click", () => start(root));
  root.querySelector(".player-retry").addEventListener("click", () => start(root));
}

function bindAll() {
  document.querySelectorAll("[data-player]").forEach(bind);
}

bindAll();
document.addEventListener("player-inserted", bindAll); // a page that keeps itself up to date
