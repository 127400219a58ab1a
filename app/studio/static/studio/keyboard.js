// The same with the keyboard: arrows go from tile to tile, Space takes one up, arrows carry it, Space or Enter puts it
// down, Escape leaves it where it was. Only one tile is a tab stop.
import { chosen, company, grid, headingOf, isTile, neighbour, picked, put, remember, save, say } from "./grid.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const ROWS = { ArrowUp: -1, ArrowDown: 1 };

let current = null; // the tile that Tab comes to
let held = null; // { tile, moved, undo, started }
let moving = false;

const controls = (tile) => tile.querySelectorAll("input, [data-grab]");
const tab = (tile, index) => { for (const control of controls(tile)) control.tabIndex = index; };

function setCurrent(tile) {
  if (current) tab(current, -1);
  current = tile;
  if (current) tab(current, 0);
}

// The tile nearest in the next row.
function acrossRow(tile, step) {
  const middle = (other) => other.offsetLeft + other.offsetWidth / 2;
  const far = (other) => Math.abs(middle(other) - middle(tile));
  let best = null;
  for (let other = neighbour(tile, step); other; other = neighbour(other, step)) {
    if (other.offsetTop === tile.offsetTop) continue;
    if (best && other.offsetTop !== best.offsetTop) break;
    if (!best || far(other) < far(best)) best = other;
  }
  return best;
}

// What a tile that is carried with this key comes to stand before; undefined where there is no way on.
function before(key) {
  const first = held.moved[0];
  const behind = held.moved.at(-1).nextElementSibling;
  const front = first.previousElementSibling;
  if (key === "ArrowRight") {
    if (behind === null) return undefined;
    return isTile(behind) ? behind.nextElementSibling : behind.nextElementSibling.nextElementSibling;
  }
  if (key === "ArrowLeft") {
    if (isTile(front)) return front;
    const rest = front?.previousElementSibling; // in front of the heading: the end of the section before
    return rest?.previousElementSibling ? rest : undefined;
  }
  if (key === "Home") return headingOf(first)?.nextElementSibling ?? (headingOf(first) ? null : grid.firstElementChild);
  if (key === "End") {
    let last = behind;
    while (isTile(last)) last = last.nextElementSibling;
    return last;
  }
  const there = acrossRow(key === "ArrowUp" ? first : held.moved.at(-1), ROWS[key]);
  if (!there) return undefined;
  return key === "ArrowUp" ? there : there.nextElementSibling;
}

function carry(key) {
  const place = before(key);
  if (place === undefined) return;
  moving = true;
  put(held.moved, place);
  held.control.focus();
  moving = false;
  held.tile.scrollIntoView({ block: "nearest" });
  say(`${where(held.moved)}.`);
}

function where(moved) {
  const heading = headingOf(moved[0]);
  let number = 1;
  for (let node = moved[0].previousElementSibling; isTile(node); node = node.previousElementSibling) number += 1;
  const all = heading?.querySelector("[data-count]") ?? document.querySelector("[data-ready-count]");
  const next = moved.at(-1).nextElementSibling;
  const section = heading ? ` in ${heading.querySelector("h2").textContent.trim()}` : "";
  const what = moved.length > 1 ? `${moved.length} photos, from ${number}` : `Photo ${number}`;
  return `${what} of ${all.textContent.trim()}${section}, ${isTile(next) ? `before ${next.title}` : "at the end"}`;
}

function grab(tile, control) {
  const moved = company(tile);
  held = { tile, control, moved, undo: remember(moved), started: moved[0].previousElementSibling };
  if (moved.length > 1) {
    moving = true;
    put(moved, tile);
    control.focus();
    moving = false;
  }
  for (const one of moved) one.classList.add("is-grabbed");
  say(`Taken up ${tile.title}. ${where(moved)}. Arrow keys move it, Space puts it down, Escape leaves it.`);
}

function release(drop) {
  const { moved, undo, control, started } = held;
  held = null;
  for (const tile of moved) tile.classList.remove("is-grabbed");
  moving = true;
  if (!drop) undo();
  control.focus();
  moving = false;
  if (!drop) say("Left where it was.");
  else if (moved.length > 1 || moved[0].previousElementSibling !== started) {
    say(`${where(moved).replace(",", ", moved")}.`);
    save(moved, undo);
  } else say("Put down where it was.");
}

function walk(event, tile) {
  const { key } = event;
  const other = key in STEPS ? neighbour(tile, STEPS[key]) : acrossRow(tile, ROWS[key]);
  if (!other) return;
  other.querySelector(event.target.matches("input") ? "input" : "[data-grab]").focus();
  other.scrollIntoView({ block: "nearest" });
}

grid.addEventListener("keydown", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile || event.ctrlKey || event.metaKey || event.altKey) return;
  const { key } = event;
  const takes = event.target.matches("[data-grab]") && (key === " " || key === "Enter");
  const arrow = key in STEPS || key in ROWS;
  if (held) {
    if (takes) release(true);
    else if (key === "Escape") release(false);
    else if (arrow || key === "Home" || key === "End") carry(key);
    else return;
  } else if (takes) grab(tile, event.target);
  else if (arrow) walk(event, tile);
  else if (key === "Escape" && chosen().length) picked.reset();
  else return;
  event.preventDefault();
});
grid.addEventListener("focusin", (event) => {
  const tile = event.target.closest(".tile");
  if (tile && tile !== current) setCurrent(tile);
});
grid.addEventListener("focusout", () => { if (held && !moving) release(false); });

new MutationObserver((changes) => {
  if (moving || held) return;
  for (const { addedNodes } of changes) for (const node of addedNodes) if (isTile(node) && node !== current) tab(node, -1);
  if (!current?.isConnected) setCurrent(grid.querySelector(".tile"));
}).observe(grid, { childList: true });
for (const tile of grid.getElementsByClassName("tile")) tab(tile, -1);
setCurrent(grid.querySelector(".tile"));
