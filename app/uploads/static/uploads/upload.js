// The upload centre: what a person drops, chooses and presses. What has arrived is announced as a "photo:uploaded"
// event, which progress.js follows.
import { dropped, isPhoto } from "./files.js";
import { announce, createPanel } from "./panel.js";
import { createQueue } from "./queue.js";

const drop = document.querySelector("[data-upload]");
const work = document.querySelector("[data-work]");
const list = work.querySelector("[data-files]");

const panel = createPanel({ retry: (item) => queue.retry(item), cancel: (item) => queue.cancel(item) });
const queue = createQueue({
  address: drop.dataset.sign,
  largest: Number(drop.dataset.largest),
  view: panel,
  arrived: () => document.dispatchEvent(new CustomEvent("photo:uploaded")),
});
panel.follow(queue);

function add(files, folder = false) {
  if (!files.length) return;
  drop.classList.remove("drop--empty"); // the room is needed for progress and photos
  document.querySelector("[data-unfinished]")?.remove();
  if (!queue.busy()) document.dispatchEvent(new CustomEvent("photo:batch"));
  panel.begin(files.length);
  queue.add(files, { folder });
}

// --- the page as a drop target --------------------------------------------------------------------------------------
const veil = document.querySelector("[data-veil]");
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
let depth = 0;
addEventListener("dragenter", (event) => { if (carriesFiles(event)) { depth += 1; veil.hidden = false; } });
addEventListener("dragleave", (event) => { if (carriesFiles(event) && (depth -= 1) <= 0) { depth = 0; veil.hidden = true; } });
addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
addEventListener("drop", async (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  depth = 0;
  veil.hidden = true;
  const { files, folder } = await dropped(event.dataTransfer, (name) => announce(`${name} could not be read.`));
  add(files, folder);
});

// --- choosers and buttons -------------------------------------------------------------------------------------------
function chooser(name, wanted, folder) {
  const input = drop.querySelector(`[data-${name}]`);
  function take() {
    add(Array.from(input.files).filter(wanted), folder);
    input.value = "";
  }
  input.addEventListener("change", take);
  take(); // what was chosen before this script came
}
chooser("chooser", () => true, false);
chooser("folder", isPhoto, true);
drop.querySelector("[data-folder]").closest("label").hidden = !("webkitdirectory" in HTMLInputElement.prototype);

function button(name, press) { work.querySelector(`[data-${name}]`).addEventListener("click", press); }
function swap(name, other, press) {
  button(name, () => {
    press();
    setTimeout(() => work.querySelector(`[data-${other}]`).focus(), 150); // in the other's place, once it is shown
  });
}
swap("pause", "resume", () => queue.pause());
swap("resume", "pause", () => queue.resume());
button("cancel-all", () => { for (const item of queue.items.filter(({ state }) => !["sent", "here"].includes(state))) queue.cancel(item); list.focus(); });
button("retry-all", () => { for (const item of queue.items.filter(({ state }) => state === "failed" || state === "full")) queue.retry(item); list.focus(); });
addEventListener("beforeunload", (event) => { if (queue.busy()) event.preventDefault(); });
