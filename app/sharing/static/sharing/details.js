// File name, thumbhash and exposure of every photo, in one request that is made when somebody begins to look around.
import { watch } from "../galleries/thumbhash.js";

// Fixed here: while a photo is open the address bar shows its own page.
export const home = new URL("./", location.href).href;
export const idOf = (tile) => tile.id.slice("photo-".length);

let asked = null;

async function load() {
  const response = await fetch(`${home}details/`, { headers: { Accept: "application/json" }, redirect: "error" });
  if (!response.ok) throw new Error(`${response.status}`);
  const found = await response.json();
  for (const tile of document.querySelectorAll(".sheet .tile:not([data-thumbhash])")) {
    const { hash } = found[idOf(tile)] ?? {};
    if (!hash) continue;
    tile.dataset.thumbhash = hash;
    watch(tile);
  }
  return found;
}

// What is known by photo; empty when it cannot be had, and asked for again the next time.
export function fetchDetails({ again = false } = {}) {
  if (again) asked = null;
  asked ??= load().catch(() => { asked = null; return {}; });
  return asked;
}
