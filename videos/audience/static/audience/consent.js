// Shows in the room beside the player what holds for this browser, and takes the visitor's answer.
//
// The page is the same for everybody and may come from a cache; what holds is asked for apart.

const BEGUN = "views-begun"; // in sessionStorage, written by beacon.js until the visitor answers

const room = document.querySelector("[data-audience]");

/** Shows a state, and lets beacon.js know it. */
function show(state) {
  room.dataset.state = state;
  if (state === "failed") return;
  document.documentElement.dataset.consent = state;
  if (state !== "unasked") forgetBegun();
}

function begun() {
  try {
    return JSON.parse(sessionStorage.getItem(BEGUN) ?? "[]").map(([id, key]) => `${id}.${key}`);
  } catch {
    return []; // storage is blocked, or somebody else wrote there
  }
}

function forgetBegun() {
  try {
    sessionStorage.removeItem(BEGUN);
  } catch {
    // storage is blocked: nothing was kept
  }
}

const headers = { Accept: "application/json" };

async function stateFrom(url, options) {
  const answer = await fetch(url, { credentials: "same-origin", headers, ...options });
  if (!answer.ok) throw new Error(`${answer.status} from ${url}`);
  return (await answer.json()).state;
}

function look() {
  stateFrom(room.dataset.audience, { cache: "no-store" })
    .then(show)
    .catch(() => {}); // nothing is shown, and the next look asks again
}

async function answer(form, remember) {
  const body = new URLSearchParams({ remember });
  if (remember === "yes") begun().forEach((view) => body.append("views", view));
  const buttons = room.querySelectorAll("button");
  buttons.forEach((button) => (button.disabled = true));
  try {
    show(await stateFrom(form.action, { method: "POST", body }));
  } catch {
    show("failed");
  } finally {
    buttons.forEach((button) => (button.disabled = false));
  }
  // What was pressed is gone: go on from where the answer stands, and have it read out.
  room.querySelector(`[data-for="${room.dataset.state}"]`).focus({ preventScroll: true });
}

if (room) {
  // Where the browser does not know the media feature by which the style sheet does it.
  document.getElementById("audience-plain").hidden = true;
  room.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(event.target, event.submitter.value);
  });
  // The answer may have been given meanwhile in another tab, or before the page was left.
  window.addEventListener("pageshow", (event) => event.persisted && look());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") look();
  });
  look();
}
