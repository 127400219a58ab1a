// What the page shows of a queue: one line for all files with rate and time left, a row for each file that is at work
// or has a problem, and a sentence for whatever needs a person.
import * as words from "./words.js";

const SAMPLES = 8; // seconds over which the rate is measured
const ROWS = new Set(["reading", "ready", "sending", "failed", "refused", "full"]);
const BAD = new Set(["failed", "refused", "full"]);
const NOTES = { reading: "Reading", ready: "Waiting", sending: "Sending", failed: "Not sent", refused: "Not sent", full: "No room" };
const STOPPED = {
  paused: "Paused. What has arrived stays; resume whenever you like.",
  offline: "You are offline. The upload goes on as soon as the connection is back.",
  "signed-out": "You are signed out. Sign in again in another tab, then resume here. The files stay in line.",
};

const work = document.querySelector("[data-work]");
const find = (name) => work.querySelector(`[data-${name}]`);
const line = find("sending");
const list = find("files");
const notice = find("notice");
const template = document.querySelector("template[data-row]");
const live = document.querySelector("[data-announce]");

export const announce = (text) => { live.textContent = text; };

export function createPanel({ retry, cancel }) {
  const rows = new Map();
  const dirty = new Set();
  const samples = [];
  let queue = null;
  let room = null; // bytes left, once the studio was short of them
  let drawing = false;
  let said = null;

  function changed(item) {
    if (item) dirty.add(item);
    if (drawing) return;
    drawing = true;
    setTimeout(draw, 100); // not a frame: hidden tabs get none, and ten times a second is enough
  }

  function draw() {
    drawing = false;
    for (const item of dirty) drawRow(item);
    dirty.clear();
    list.hidden = !list.children.length;
    drawTotal(tally(queue.items));
    drawNotice();
  }

  // --- a file -------------------------------------------------------------------------------------------------------
  function drawRow(item) {
    if (!ROWS.has(item.state) || !queue.items.includes(item)) {
      const row = rows.get(item);
      rows.delete(item);
      if (row?.contains(document.activeElement)) list.focus(); // a keyboard keeps its place
      row?.remove();
      return;
    }
    const row = rows.get(item) ?? makeRow(item);
    const bad = BAD.has(item.state);
    row.classList.toggle("file--bad", bad);
    row.querySelector(".file__note").textContent = item.state === "sending"
      ? `${words.bytes(item.sent)} of ${words.bytes(item.file.size)}` : NOTES[item.state];
    row.querySelector("progress").hidden = bad;
    row.querySelector("progress").value = item.file.size ? item.sent / item.file.size : 0;
    row.querySelector(".file__reason").textContent = item.problem ?? "";
    row.querySelector("[data-retry]").hidden = !bad || item.state === "refused";
    row.querySelector("[data-cancel]").title = bad ? "Remove from the list" : "Cancel";
  }

  function makeRow(item) {
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelector(".file__name").textContent = item.file.name;
    row.querySelector("progress").setAttribute("aria-label", item.file.name);
    const [again, cross] = [row.querySelector("[data-retry]"), row.querySelector("[data-cancel]")];
    again.setAttribute("aria-label", `Try again: ${item.file.name}`);
    cross.setAttribute("aria-label", `Cancel: ${item.file.name}`);
    again.addEventListener("click", () => retry(item));
    cross.addEventListener("click", () => cancel(item));
    rows.set(item, row);
    list.append(row);
    return row;
  }

  // --- all files ----------------------------------------------------------------------------------------------------
  function tally(items) {
    const sum = { files: items.length, there: 0, here: 0, bad: 0, size: 0, done: 0, lost: 0, left: 0, retryable: 0 };
    for (const { state, file, sent } of items) {
      sum.size += file.size;
      if (state === "sent" || state === "here") { sum.there += 1; sum.done += file.size; }
      else if (BAD.has(state)) { sum.bad += 1; sum.done += file.size; sum.lost += file.size; }
      else { sum.done += sent; sum.left += file.size - sent; }
      if (state === "here") sum.here += 1;
      if (state === "failed" || state === "full") sum.retryable += 1;
    }
    return sum;
  }

  function drawTotal(sum) {
    const busy = queue.busy();
    line.hidden = !sum.files;
    work.hidden = work.hidden && !sum.files;
    find("sending-text").textContent = busy ? `Uploading ${sum.there + sum.bad} / ${sum.files}` : `Sent ${sum.there} / ${sum.files}`;
    find("sending-share").textContent = busy ? [`${Math.floor(100 * (sum.done / sum.size || 0))} %`, ...pace(sum.left)].join(" · ") : "";
    line.querySelector("progress").value = sum.size ? (sum.done - (busy ? 0 : sum.lost)) / sum.size : 0;
    find("pause").hidden = !busy || Boolean(queue.stopped);
    find("resume").hidden = !busy || !queue.stopped || queue.stopped === "offline";
    find("cancel-all").hidden = !busy;
    find("here").hidden = !sum.here;
    find("here").textContent = `${words.files(sum.here)} ${sum.here === 1 ? "is" : "are"} in the gallery already.`;
    find("failed-line").hidden = !sum.bad;
    find("failed-text").textContent = `${words.files(sum.bad)} ${sum.bad === 1 ? "was" : "were"} not sent.`;
    find("retry-all").hidden = sum.retryable < 1;
    if (!busy && sum.files) conclude(sum);
  }

  function pace(left) {
    const [oldest, newest] = [samples[0], samples.at(-1)];
    if (queue.stopped || samples.length < 3 || newest.bytes === oldest.bytes) return [];
    const rate = (newest.bytes - oldest.bytes) / ((newest.at - oldest.at) / 1000);
    return [`${words.bytes(rate)}/s`, words.duration(left / rate)];
  }

  function conclude(sum) {
    const text = sum.bad ? `Upload finished; ${words.files(sum.bad)} not sent.` : "Upload finished.";
    if (said !== text) announce(text);
    said = text;
  }

  function drawNotice() {
    const full = queue.items.filter(({ state }) => state === "full");
    const waits = queue.items.filter(({ state }) => state === "waiting" || state === "reading");
    const what = full.length + waits.length === 1 ? "this file needs" : full.some(({ folder }) => folder) ? "this folder needs" : "these files need";
    const need = [...full, ...waits].reduce((sum, { file }) => sum + file.size, 0);
    const text = (queue.busy() && STOPPED[queue.stopped])
      || (full.length ? `Your studio has ${words.bytes(room)} left; ${what} ${words.bytes(need)}.` : "");
    if (text && notice.textContent !== text) announce(text);
    notice.textContent = text;
    notice.hidden = !text;
  }

  setInterval(() => {
    if (!queue?.busy() || queue.stopped) { samples.length = 0; return; }
    samples.push({ at: performance.now(), bytes: queue.transferred });
    if (samples.length > SAMPLES) samples.shift();
    changed();
  }, 1000);

  return {
    changed,
    follow(source) { queue = source; },
    begin(count) { said = null; announce(`Uploading ${words.files(count)}.`); },
    left(bytes) {
      room = bytes;
      document.querySelector("[data-left]").textContent = `${words.bytes(bytes)} left.`;
    },
  };
}
