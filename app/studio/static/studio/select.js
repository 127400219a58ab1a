// Selecting photos, and what the bar does with them. Without this the checkboxes and the form still work.
import { chosen, complain, grid, isTile, picked, resort, say, send, tiles } from "./grid.js";

const number = document.querySelector("[data-picked-count]");
const coverButton = picked.querySelector('[value="cover"]');
let last = null; // where a range begins

const photos = (count) => `${count} photo${count === 1 ? "" : "s"}`;

function show() {
  const count = chosen().length;
  number.textContent = count;
  coverButton.disabled = count !== 1;
}

function pickRange(to, checked) {
  const all = tiles();
  const [low, high] = [all.indexOf(last), all.indexOf(to)].sort((a, b) => a - b);
  for (const tile of all.slice(Math.max(low, 0), high + 1)) tile.querySelector("input").checked = checked;
}

grid.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  const label = event.target.closest(".tile__pick");
  if (!tile || !label) return;
  const box = label.querySelector("input");
  const modified = event.shiftKey || event.ctrlKey || event.metaKey;
  if (event.target !== box) {
    if (!modified) return; // the label clicks its box, which comes by here again
    event.preventDefault(); // not every browser clicks the box of a label under a modifier
    box.checked = !box.checked;
  }
  if (event.shiftKey && last?.isConnected) pickRange(tile, box.checked);
  last = tile;
  show();
});

function setCover(tile) {
  grid.querySelector(".is-cover")?.classList.remove("is-cover");
  tile.classList.add("is-cover");
  say(`${tile.title} is the cover.`);
}

picked.addEventListener("submit", async (event) => {
  const { value } = event.submitter;
  if (value === "delete") return; // asks on a page of its own
  event.preventDefault();
  const moved = chosen();
  if (!moved.length) return complain("Choose a photo first.");
  const ids = moved.map((tile) => tile.dataset.photo).join(",");
  const answer = await send({ do: value, photos: ids, section: picked.elements.section?.value ?? "" });
  if (answer === null) return;
  if (value === "cover") setCover(moved[0]);
  else {
    resort(moved);
    say(`${photos(moved.length)} moved.`);
  }
  picked.reset();
});
picked.addEventListener("reset", () => setTimeout(show)); // the boxes are empty once the event is over
addEventListener("pageshow", show);
new MutationObserver((changes) => { if (changes.some(({ removedNodes }) => Array.from(removedNodes).some(isTile))) show(); }).observe(grid, { childList: true });
show();
