// Follows photos that are still being developed. A new tile is put in its place where nothing that can be seen would
// move; where something would, it waits at the end of the page, in rows that are not stretched and so never move.
import { fetchDetails, home } from "./details.js";

const QUICK = 2000;
const SLOW = 15000;

const page = document.querySelector("[data-parts]") ? document : null;
let status, since, timer = null, delay = QUICK, waiting = false;

const sheets = () => document.querySelectorAll(".sheet[data-section]");
const behind = (tile, other) => {
  const rank = Number(tile.dataset.rank) - Number(other.dataset.rank);
  return rank > 0 || (rank === 0 && tile.id > other.id);
};

// Where it belongs, as [list, the tile behind it], if that is below the window; else the rows at the end.
function placeOf(tile, section) {
  const list = Array.from(sheets()).find((sheet) => sheet.dataset.section === section);
  if (!list) return null;
  const next = Array.from(list.children).find((other) => behind(other, tile)) ?? null;
  const neighbour = (next ? next.previousElementSibling : list.lastElementChild) ?? list;
  return neighbour.getBoundingClientRect().top >= innerHeight ? [list, next] : null;
}

function freshRows() {
  const there = document.querySelector(".sheet--fresh");
  if (there) return there;
  const list = document.createElement("ul");
  list.className = "grid sheet sheet--fresh";
  list.setAttribute("aria-label", "Just developed");
  document.querySelector("[data-nothing]")?.remove();
  document.querySelector("[data-parts]").append(list);
  return list;
}

function add(sections) {
  const found = [];
  for (const { section, tiles } of sections) {
    const holder = document.createElement("template");
    holder.innerHTML = tiles;
    for (const tile of holder.content.querySelectorAll(".tile"))
      if (!document.getElementById(tile.id)) found.push([tile, section]);
  }
  // All places are read before anything is written: one layout, however many tiles.
  const places = found.map(([tile, section]) => placeOf(tile, section));
  found.forEach(([tile], index) => {
    tile.classList.add("is-new");
    if (places[index]) places[index][0].insertBefore(tile, places[index][1]);
    else freshRows().append(tile);
  });
  if (found.length) document.querySelectorAll(".sheet img").forEach((img, index) => { img.alt = `Photo ${index + 1}`; });
  return found.length;
}

function say({ ready, developing, arriving }) {
  const count = document.querySelector("[data-ready]");
  count.hidden = !ready;
  count.textContent = ready === 1 ? "1 photo" : `${ready} photos`;
  let text = "All photographs are here";
  if (developing) text = `${developing} more ${developing === 1 ? "is" : "are"} being developed`;
  else if (arriving) text = "More are on their way";
  if (status.textContent !== text) status.textContent = text;
}

async function poll() {
  timer = null;
  if (document.hidden) { waiting = true; return; } // goes on when somebody looks
  try {
    const response = await fetch(`${home}progress/?since=${encodeURIComponent(since)}`, { redirect: "error" });
    if (response.status >= 400 && response.status < 500) return stop(); // the link has closed
    if (!response.ok) throw new Error(`${response.status}`);
    const { counts, sections, more, since: next } = await response.json();
    since = next;
    const added = add(sections);
    if (added) fetchDetails({ again: true });
    say(counts);
    if (!counts.developing && !counts.arriving && !more) return stop();
    delay = added ? QUICK : Math.min(delay * 1.5, SLOW);
  } catch {
    delay = Math.min(delay * 2, SLOW);
  }
  timer = setTimeout(poll, delay);
}

function stop() {
  setTimeout(() => {
    status.hidden = true;
    document.body.classList.remove("is-live");
  }, 4000);
}

export function follow() {
  status = page?.querySelector("[data-live]");
  if (!status || status.hidden) return;
  since = status.dataset.since;
  timer = setTimeout(poll, QUICK);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !waiting) return;
    waiting = false;
    delay = QUICK;
    poll();
  });
}
