// Drags tiles with the mouse or a pen; with a finger by the handle, so that the page can still be scrolled. Nothing in
// the grid moves while dragging: a bar shows the place, and the tiles go there once.
import { company, grid, isTile, put, remember, save, tiles } from "./grid.js";

const FAR = 6; // px: less is a click
const EDGE = 90; // px from the window's edge, where it scrolls

let start = null; // where the pointer went down, and on which tile
let drag = null; // { moved, ghost, mark, before, x, y }

function ghostOf(moved) {
  const ghost = Object.assign(document.createElement("div"), { className: "ghost" });
  const image = new Image();
  image.src = moved[0].querySelector("img").currentSrc;
  image.alt = "";
  ghost.append(image);
  if (moved.length > 1) ghost.append(Object.assign(document.createElement("b"), { textContent: moved.length }));
  return ghost;
}

function begin(tile) {
  const moved = company(tile);
  drag = { moved, ghost: ghostOf(moved), mark: Object.assign(document.createElement("li"), { className: "mark", hidden: true }) };
  drag.mark.setAttribute("aria-hidden", "true");
  drag.mark.dataset.order = "~";
  document.body.append(drag.ghost);
  grid.append(drag.mark);
  document.documentElement.classList.add("is-dragging");
  for (const one of moved) one.classList.add("is-lifted");
  requestAnimationFrame(frame);
}

// The tile under the pointer or, right of the last one of a row, that one.
function under(x, y) {
  const node = document.elementFromPoint(x, y)?.closest(".tile, .grid__heading, [data-grid]");
  if (!node || node !== grid) return grid.contains(node) ? node : null;
  const row = tiles().filter((tile) => {
    const box = tile.getBoundingClientRect();
    return box.top <= y && y <= box.bottom && box.right <= x;
  });
  return row.at(-1) ?? null;
}

function aim() {
  const node = under(drag.x, drag.y);
  if (!node) return;
  const box = node.getBoundingClientRect();
  const front = isTile(node) && drag.x < box.left + box.width / 2;
  drag.before = front ? node : node.nextElementSibling;
  drag.aimed = true;
  const left = isTile(node) ? node.offsetLeft + (front ? -4 : node.offsetWidth) : 0;
  drag.mark.hidden = false;
  drag.mark.style.transform = `translate(${Math.max(left, 0)}px, ${node.offsetTop}px)`;
  drag.mark.style.height = `${node.offsetHeight}px`;
}

function frame() {
  if (!drag) return;
  drag.ghost.style.transform = `translate(${drag.x + 14}px, ${drag.y + 14}px)`;
  const over = Math.min(drag.y - EDGE, 0) || Math.max(drag.y - innerHeight + EDGE, 0);
  if (over) scrollBy(0, over / 5);
  aim();
  requestAnimationFrame(frame);
}

function end(drop) {
  const { moved, before, ghost, mark, aimed } = drag;
  const behind = before === mark ? null : before;
  drag = null;
  ghost.remove();
  mark.remove();
  document.documentElement.classList.remove("is-dragging");
  for (const tile of moved) tile.classList.remove("is-lifted");
  addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); }, { capture: true, once: true, signal: AbortSignal.timeout(50) });
  if (!drop || !aimed) return;
  const places = tiles();
  const undo = remember(moved);
  put(moved, behind);
  if (tiles().some((tile, at) => tile !== places[at]) || grid.querySelector(".grid__heading")) save(moved, undo);
}

grid.addEventListener("dragstart", (event) => event.preventDefault()); // the browser's own drag of the picture
grid.addEventListener("pointerdown", (event) => {
  const tile = event.target.closest(".tile");
  const wanted = event.pointerType !== "touch" || event.target.closest("[data-grab]");
  if (tile && wanted && event.button === 0 && event.isPrimary) start = { tile, x: event.clientX, y: event.clientY };
});
addEventListener("pointermove", (event) => {
  if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) > FAR) {
    begin(start.tile);
    start = null;
  }
  if (drag) [drag.x, drag.y] = [event.clientX, event.clientY];
});
addEventListener("pointerup", () => { start = null; if (drag) { aim(); end(true); } });
addEventListener("pointercancel", () => { start = null; if (drag) end(false); });
addEventListener("keydown", (event) => { if (drag && event.key === "Escape") { event.preventDefault(); end(false); } });
