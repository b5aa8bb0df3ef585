// Reports with one tap that the page's video does not play. The form works without script, too.

const form = document.querySelector("form[data-problem]");

async function report() {
  const player = document.querySelector("[data-player]");
  const video = player?.querySelector("video[data-video]");
  const body = new URLSearchParams(new FormData(form));
  if (video) body.set("at", video.currentTime.toFixed(1));
  if (player?.dataset.state === "failed") body.set("stopped", "1");
  const answer = await fetch(form.action, {
    method: "POST",
    body,
    credentials: "same-origin",
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(`${answer.status} from ${form.action}`);
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  form.querySelectorAll("button").forEach((button) => (button.disabled = true));
  try {
    await report();
    form.dataset.state = "sent";
  } catch {
    form.dataset.state = "failed";
  }
  form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  form.focus({ preventScroll: true }); // what was pressed is gone
});
