// The studio's view of photos that are being developed: the second bar, the count, and the files that could not be used.
import { follow } from "../galleries/follow.js";

const grid = document.querySelector("[data-grid]");
const work = document.querySelector("[data-work]");
const line = work.querySelector("[data-developing]");
const problems = document.querySelector("[data-problems]");
const readyCount = document.querySelector("[data-ready-count]");
const announce = document.querySelector("[data-announce]");

let latest = null;
let settledBefore = Number(grid.dataset.settled); // before this batch, so that "3 / 12" speaks of the batch alone

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

function heard({ counts, photos, more }) {
  for (const photo of photos) placeProblem(photo);
  drawCounts(counts);
  latest = counts;
  const working = counts.uploaded > 0;
  if (!working && !more) {
    announce.textContent = `${counts.ready} photos are ready.`;
  }
  return working;
}

const { wake } = follow(grid, { address: grid.dataset.progress, since: grid.dataset.since, heard });
document.addEventListener("photo:uploaded", wake);
// A batch lasts until new files are added to an empty queue: a large one may still travel when the small ones are done.
document.addEventListener("photo:batch", () => { if (latest && !latest.uploaded) settledBefore = latest.ready + latest.failed; });
if (Number(grid.dataset.working)) wake();
