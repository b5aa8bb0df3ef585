/**
 * Takes over from `fresh` those parts (elements with `data-part`, directly inside) that differ: what
 * stays the same keeps its focus and its place, and nothing flickers.
 */
export function replaceParts(old, fresh) {
  for (const part of fresh.querySelectorAll(":scope > [data-part]")) {
    const there = old.querySelector(`:scope > [data-part="${part.dataset.part}"]`);
    if (there.innerHTML !== part.innerHTML) there.innerHTML = part.innerHTML;
  }
}
