// Sends files straight to the file store: hash, ask for signatures, PUT, confirm. One batch is prepared while the one
// before it is on its way. What has arrived is announced as a "photo:uploaded" event, which progress.js follows.
const BATCH = 10;
const PARALLEL = 4;
const ATTEMPTS = 3;
const TYPES = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", avif: "image/avif", heic: "image/heic", heif: "image/heif" };

const drop = document.querySelector("[data-upload]");
const work = document.querySelector("[data-work]");
const list = work.querySelector("[data-files]");
const line = work.querySelector("[data-sending]");
const announce = document.querySelector("[data-announce]");
const rowTemplate = document.querySelector("template[data-row]");

const waiting = [];
const total = { files: 0, done: 0, bad: 0, bytes: 0, sent: 0 };
let running = false;

// --- what the page shows --------------------------------------------------------------------------------------------
function row(item) {
  if (item.row) return item.row;
  item.row = rowTemplate.content.firstElementChild.cloneNode(true);
  item.row.querySelector(".file__name").textContent = item.file.name;
  list.append(item.row);
  list.hidden = false;
  return item.row;
}

function note(item, text) { row(item).querySelector(".file__note").textContent = text; }

function drawTotal() {
  line.hidden = false;
  work.hidden = false;
  const finished = total.done === total.files;
  line.querySelector("[data-sending-text]").textContent = finished
    ? `Sent ${total.done - total.bad} / ${total.files}` : `Uploading ${total.done} / ${total.files}`;
  const share = total.bytes ? total.sent / total.bytes : 1;
  line.querySelector("[data-sending-share]").textContent = `${Math.floor(share * 100)} %`;
  line.querySelector("progress").value = share;
}

function advance(item, sent) {
  total.sent += sent - item.sent;
  item.sent = sent;
  row(item).querySelector("progress").value = item.file.size ? sent / item.file.size : 1;
  drawTotal();
}

function settle(item, problem, { retry = false } = {}) {
  total.done += 1;
  total.sent += item.file.size - item.sent;
  item.sent = item.file.size;
  if (!problem) {
    item.row?.remove();
  } else {
    const element = row(item);
    element.classList.toggle("file--bad", problem.bad);
    total.bad += problem.bad ? 1 : 0;
    element.querySelector("progress").hidden = true;
    note(item, problem.bad ? "Not sent" : "Already here");
    const reason = document.createElement("span");
    reason.className = "file__reason";
    reason.textContent = problem.text;
    element.append(reason);
    if (retry) element.append(retryButton(item));
  }
  list.hidden = !list.children.length;
  drawTotal();
}

function retryButton(item) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--plain";
  button.textContent = "Try again";
  button.addEventListener("click", () => { item.row.remove(); add([item.file]); });
  return button;
}

// --- the four steps -------------------------------------------------------------------------------------------------
async function digest(file) {
  const bytes = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// From the cookie, not from the page: whoever signs in again in another tab gets a new one.
const csrf = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? drop.dataset.csrf;

class SignedOut extends Error {}

function typeOf(file) { return file.type || TYPES[file.name.split(".").pop().toLowerCase()] || ""; }

async function post(address, body) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
    body: JSON.stringify(body),
    redirect: "manual",
  });
  if (response.type === "opaqueredirect" || response.status === 403) throw new SignedOut(); // on to the sign-in page
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}

async function again(step) {
  for (let attempt = 1; ; attempt += 1) {
    try { return await step(); } catch (error) {
      if (attempt === ATTEMPTS || error instanceof SignedOut) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 4 ** (attempt - 1)));
    }
  }
}

function explain(error, text) {
  return error instanceof SignedOut ? "You are signed out. Sign in again in another tab, then try again here." : text;
}

async function sign(items) {
  const described = items.map(({ file, sha256 }) => ({ name: file.name, size: file.size, type: typeOf(file), sha256 }));
  const { files } = await post(drop.dataset.sign, described);
  items.forEach((item, n) => {
    item.ticket = files[n];
    item.staleAt = Date.now() + (files[n].expires_in ?? 0) * 800; // at 80 % of its life: on a slow line a batch takes minutes
  });
}

async function prepare(items) {
  const readable = [];
  for (const item of items) {
    note(item, "Reading");
    try {
      // Files beyond the limit are refused by name; reading them whole would only cost memory.
      item.sha256 = item.file.size > Number(drop.dataset.largest) ? "0".repeat(64) : await digest(item.file);
      readable.push(item);
    } catch {
      settle(item, { bad: true, text: "This file could not be read. Check that it is still there." }, { retry: true });
    }
  }
  if (!readable.length) return [];
  try {
    await again(() => sign(readable));
    for (const item of readable) note(item, "Waiting");
    return readable;
  } catch (error) {
    const text = explain(error, "The studio could not be reached.");
    for (const item of readable) settle(item, { bad: true, text }, { retry: true });
    return [];
  }
}

function put(item) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", item.ticket.url);
    for (const [name, value] of Object.entries(item.ticket.headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => advance(item, Math.min(event.loaded, item.file.size)));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Error(`${request.status}`))));
    request.addEventListener("error", () => reject(new Error("network")));
    request.send(item.file);
  });
}

async function send(item) {
  if (item.ticket.status !== "upload") {
    settle(item, { bad: item.ticket.status === "refused", text: item.ticket.reason });
    return;
  }
  note(item, "Uploading");
  try {
    await again(async () => {
      if (Date.now() > item.staleAt) await sign([item]);
      await put(item);
    });
    await again(() => post(item.ticket.confirm, {}));
    settle(item);
    document.dispatchEvent(new CustomEvent("photo:uploaded"));
  } catch (error) {
    settle(item, { bad: true, text: explain(error, "The connection broke while this file was sent.") }, { retry: true });
  }
}

async function sendAll(items) {
  const queue = [...items];
  const lane = async () => { while (queue.length) await send(queue.shift()); };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

// --- the loop -------------------------------------------------------------------------------------------------------
async function run() {
  if (running) return;
  running = true;
  let next = prepare(waiting.splice(0, BATCH));
  for (;;) {
    const ready = await next;
    next = prepare(waiting.splice(0, BATCH));
    await sendAll(ready);
    if (!waiting.length && !(await next).length) break;
  }
  running = false;
  if (waiting.length) { run(); return; }
  const problems = list.querySelectorAll(".file--bad").length;
  announce.textContent = problems ? `Upload finished; ${problems} files were not sent.` : "Upload finished.";
}

function add(files) {
  const items = Array.from(files, (file) => ({ file, sent: 0, row: null }));
  if (!items.length) return;
  if (total.done === total.files) Object.assign(total, { files: 0, done: 0, bad: 0, bytes: 0, sent: 0 });
  total.files += items.length;
  total.bytes += items.reduce((sum, { file }) => sum + file.size, 0);
  waiting.push(...items);
  drop.classList.remove("drop--empty"); // the room is needed for progress and photos
  document.querySelector("[data-unfinished]")?.remove();
  announce.textContent = `Uploading ${items.length} files.`;
  drawTotal();
  run();
}

// --- the page as a drop target --------------------------------------------------------------------------------------
const veil = document.querySelector("[data-veil]");
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
let depth = 0;
addEventListener("dragenter", (event) => { if (carriesFiles(event)) { depth += 1; veil.hidden = false; } });
addEventListener("dragleave", (event) => { if (carriesFiles(event) && (depth -= 1) <= 0) { depth = 0; veil.hidden = true; } });
addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  depth = 0;
  veil.hidden = true;
  dropped(event.dataTransfer).then(add);
});

// Files as they are; of folders, the photos in them and in the folders below.
async function dropped(transfer) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()); // now: later the list is empty
  if (!entries.some((entry) => entry?.isDirectory)) return Array.from(transfer.files);
  const found = await Promise.all(entries.filter(Boolean).map((entry) => walk(entry)));
  return found.flat();
}

async function walk(entry, { inside = false } = {}) {
  try {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => { entry.file(resolve, reject); });
      return inside && !isPhoto(file) ? [] : [file];
    }
    const reader = entry.createReader();
    const entries = [];
    for (let part = null; !part || part.length; entries.push(...part)) // at most 100 a call
      part = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    return (await Promise.all(entries.map((each) => walk(each, { inside: true })))).flat();
  } catch {
    announce.textContent = `${entry.name} could not be read.`;
    return [];
  }
}

// Folders hold .DS_Store, Thumbs.db and sidecar files too, which nobody meant to send.
const isPhoto = (file) => Object.values(TYPES).includes(typeOf(file)) && !file.name.startsWith(".");
drop.querySelector("[data-chooser]").addEventListener("change", (event) => { add(event.target.files); event.target.value = ""; });
addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
