// Follows the photos while they are developed: asks for what has changed, slower when nothing does, and stops when
// nothing is left to wait for. A new upload wakes it.
const QUICK = 800;
const SLOW = 8000;

const grid = document.querySelector("[data-grid]");
const work = document.querySelector("[data-work]");
const line = work.querySelector("[data-developing]");
const problems = document.querySelector("[data-problems]");
const readyCount = document.querySelector("[data-ready-count]");
const announce = document.querySelector("[data-announce]");

let since = grid.dataset.since;
let settledBefore = Number(grid.dataset.settled); // before this batch, so that "3 / 12" speaks of the batch alone
let delay = QUICK;
let timer = null;

function placeTile(photo) {
  const holder = document.createElement("template");
  holder.innerHTML = photo.tile;
  const tile = holder.content.firstElementChild;
  const old = grid.querySelector(`[data-photo="${photo.id}"]`);
  if (old) return;
  const behind = Array.from(grid.children).find((other) => other.dataset.order > tile.dataset.order);
  grid.insertBefore(tile, behind ?? null);
}

function placeProblem(photo) {
  problems.querySelector(`[data-failed="${photo.id}"]`)?.remove();
  if (photo.state === "failed") {
    const item = document.createElement("li");
    item.dataset.failed = photo.id;
    const name = document.createElement("b");
    name.textContent = photo.filename;
    item.append(name, `: ${photo.error}`);
    problems.querySelector("ul").append(item);
  }
  problems.hidden = !problems.querySelector("li");
}

function drawCounts({ uploaded, ready, failed }) {
  const settled = ready + failed;
  settledBefore = Math.min(settledBefore, settled); // failed files that are sent again are no longer settled
  const done = settled - settledBefore;
  const all = done + uploaded;
  readyCount.textContent = ready;
  document.querySelector("[data-ready-plural]").hidden = ready === 1;
  line.hidden = !all;
  work.hidden = work.hidden && !all;
  if (!all) return;
  line.querySelector("[data-developing-text]").textContent = uploaded ? `Processing ${done} / ${all}` : `Processed ${done} / ${all}`;
  line.querySelector("progress").value = done / all;
}

async function ask() {
  const address = new URL(grid.dataset.progress, location.href);
  address.searchParams.set("since", since);
  const response = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

async function poll() {
  timer = null;
  let working = true;
  try {
    const answer = await ask();
    const shown = grid.children.length;
    for (const photo of answer.photos) {
      if (photo.state === "ready") placeTile(photo);
      placeProblem(photo);
    }
    drawCounts(answer.counts);
    since = answer.since;
    working = answer.counts.uploaded > 0 || answer.more;
    delay = answer.more || grid.children.length > shown ? QUICK : Math.min(delay * 1.5, SLOW);
    if (!working) finish(answer.counts);
  } catch {
    delay = Math.min(delay * 2, SLOW);
  }
  if (working && !timer) timer = setTimeout(poll, delay);
}

function finish({ ready, failed }) {
  settledBefore = ready + failed;
  announce.textContent = `${ready} photos are ready.`;
}

function wake() {
  delay = QUICK;
  if (!timer) timer = setTimeout(poll, QUICK);
}

document.addEventListener("photo:uploaded", wake);
document.addEventListener("visibilitychange", () => { if (!document.hidden && timer) { clearTimeout(timer); timer = null; wake(); } });
if (Number(grid.dataset.working)) wake();
