// The grid of photos as a list that can be put in order. Tiles and headings stand in one list; `data-order` sorts it as
// text, and the server says a tile's new key once a move is saved.
export const grid = document.querySelector("[data-grid]");
export const picked = document.querySelector("[data-picked]");
const told = document.querySelector("[data-told]");
const toast = document.querySelector("[data-toast]");

let waiting = Promise.resolve(); // one call after the other: each move names a neighbour where the last one left it
let hiding = 0;

export const isTile = (node) => Boolean(node?.classList.contains("tile"));
const isHeading = (node) => Boolean(node?.classList.contains("grid__heading"));
export const tiles = () => Array.from(grid.getElementsByClassName("tile"));
export const chosen = () => tiles().filter((tile) => tile.querySelector("input").checked);

// What moves together: all that is selected, if the tile is, in the order in which it stands.
export const company = (tile) => (tile.querySelector("input").checked ? chosen() : [tile]);

export function neighbour(tile, step) {
  let node = tile;
  do node = step < 0 ? node.previousElementSibling : node.nextElementSibling; while (node && !isTile(node));
  return node;
}

export function headingOf(node) {
  let found = node;
  while (found && !isHeading(found)) found = found.previousElementSibling;
  return found;
}

function count(heading, change) {
  const number = heading?.querySelector("[data-count]");
  if (number) number.textContent = Number(number.textContent) + change;
}

// Puts tiles before a node (null: at the end), and keeps the headings' counts right.
export function put(moved, before) {
  const together = new Set(moved);
  let mark = before;
  while (together.has(mark)) mark = mark.nextElementSibling;
  const sections = grid.querySelector(".grid__heading") !== null;
  for (const tile of moved) {
    if (sections) count(headingOf(tile), -1);
    grid.insertBefore(tile, mark);
  }
  if (sections) count(headingOf(moved[0]), moved.length);
}

// The way back: each tile before what stood behind it, the last one first.
export function remember(moved) {
  const places = moved.map((tile) => [tile, tile.nextElementSibling]);
  return () => { for (const [tile, before] of places.toReversed()) put([tile], before); };
}

// Puts a node where its key says; false if that place has not been loaded.
export function sortIn(node) {
  const behind = Array.from(grid.children).find((other) => other !== node && other.dataset.order > node.dataset.order);
  if (!behind && document.querySelector("[data-more]")) return false;
  grid.insertBefore(node, behind ?? null);
  return true;
}

// Puts tiles where their new keys say, out of the grid if that place comes with the rest of the page.
export function resort(moved) {
  for (const tile of moved) {
    count(headingOf(tile), -1);
    tile.remove();
  }
  for (const tile of moved) {
    sortIn(tile);
    count(grid.querySelector(`.grid__heading[data-order="${tile.dataset.order.slice(0, 5)}-"]`), 1);
  }
}

export const say = (text) => { told.textContent = text; };

export function complain(text) {
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { toast.hidden = true; }, 8000);
}

async function post(fields) {
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: picked.elements.csrfmiddlewaretoken.value });
  const headers = { Accept: "application/json" };
  let response; // keepalive: a page that is left at once has saved all the same, as long as the body is below 64 kB
  try {
    response = await fetch(grid.dataset.arrange, { method: "POST", headers, body, redirect: "error", keepalive: body.toString().length < 60_000 });
  } catch {
    throw new Error("This could not be saved. Look at your connection, or sign in again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `This could not be saved (${response.status}). Load the page again.`);
  for (const tile of answer.orders ? tiles() : []) tile.dataset.order = answer.orders[tile.dataset.photo] ?? tile.dataset.order;
  return answer;
}

// Sends what was done; resolves to the answer, or to null after saying what went wrong.
export function send(fields) {
  grid.setAttribute("aria-busy", "true");
  const sent = waiting.then(() => post(fields)).catch((error) => { complain(error.message); return null; });
  waiting = sent;
  sent.then(() => { if (waiting === sent) grid.removeAttribute("aria-busy"); });
  return sent;
}

// Saves where these tiles stand now, or takes them back.
export async function save(moved, undo) {
  const front = moved[0].previousElementSibling;
  const photos = moved.map((tile) => tile.dataset.photo).join(",");
  const spot = isTile(front) ? { do: "after", after: front.dataset.photo } : { do: "start", section: front?.dataset.section ?? "" };
  if ((await send({ photos, ...spot })) === null) undo();
}
