// From files to photos that wait for their development: read, ask for signatures, send, confirm. A few files are read
// and signed while others are on their way. Every failure is tried again a few times before a person has to.
import { sha256, typeOf } from "./files.js";
import { createSender, Dropped } from "./sending.js";
import { post, SignedOut } from "./server.js";

const BATCH = 10; // files signed in one call
const AHEAD = 10; // files that wait for their turn with a signature, which lasts minutes
const LANES = 5; // files on their way at a time
const ATTEMPTS = 4;
const FIRST_PAUSE = 1000;

const ACTIVE = new Set(["reading", "ready", "sending"]);

// `view` hears `changed(item)` and `full(left, items)`; `arrived()` is called for each file that is there.
export function createQueue({ address, largest, view, arrived }) {
  let items = [];
  const waiting = [];
  const ready = [];
  let stopped = null; // null, "paused", "offline" or "signed-out"
  let transferred = 0; // bytes that went over the line, for the rate
  let wakers = [];

  // --- what others wait for -----------------------------------------------------------------------------------------
  function wake() { for (const resolve of wakers.splice(0)) resolve(); }
  // Looks and takes in one step: those who are woken together would all find the same thing.
  async function until(take) {
    for (;;) {
      const taken = take();
      if (taken) return taken;
      await new Promise((resolve) => { wakers.push(resolve); });
    }
  }
  const running = () => until(() => !stopped);

  function become(item, state, problem = null) {
    Object.assign(item, { state, problem });
    view.changed(item);
    wake();
  }

  function stop(reason) {
    if (stopped === "paused" && reason === "offline") return; // a person's word holds until that person takes it back
    stopped = reason;
    sender.pause();
    view.changed();
  }

  function resume() {
    stopped = navigator.onLine ? null : "offline";
    if (!stopped) sender.resume();
    view.changed();
    wake();
  }

  // Tries `step` again after failures that may pass. Waiting for the connection, for the session or for a person who
  // has paused costs no attempt.
  async function persist(item, step) {
    for (let attempt = 1; ; ) {
      await running();
      try { return await step(); } catch (error) {
        if (error instanceof Dropped || item.state === "cancelled") throw new Dropped();
        if (error instanceof SignedOut) stop("signed-out");
        else if (!navigator.onLine) stop("offline");
        else if (attempt === ATTEMPTS) throw error;
        else await new Promise((resolve) => { setTimeout(resolve, FIRST_PAUSE * 2 ** (attempt++ - 1)); });
        item.staleAt = 0;
      }
    }
  }

  // --- reading and signing ------------------------------------------------------------------------------------------
  async function read(item) {
    await running();
    if (item.state === "cancelled") return;
    become(item, "reading");
    try {
      // Files beyond the limit are refused by name; reading them whole would only cost memory.
      item.sha256 ??= item.file.size > largest ? "0".repeat(64) : await sha256(item.file);
    } catch {
      become(item, "failed", "This file could not be read. Check that it is still there.");
    }
  }

  async function sign(batch) {
    const described = batch.map(({ file, sha256: digest }) => ({ name: file.name, size: file.size, type: typeOf(file), sha256: digest }));
    const answer = await post(address, described);
    batch.forEach((item, n) => {
      item.ticket = answer.files[n];
      item.staleAt = Date.now() + (item.ticket.expires_in ?? Infinity) * 800; // at 80 % of its life: a slow line takes minutes
    });
    view.left(answer.left);
  }

  async function prepare(batch) {
    for (const item of batch) await read(item); // one after the other: one file in memory
    const readable = batch.filter(({ state }) => state === "reading");
    if (!readable.length) return;
    try { await persist({}, () => sign(readable)); } catch {
      for (const item of readable) if (item.state !== "cancelled") become(item, "failed", "The studio could not be reached.");
      return;
    }
    for (const item of readable) route(item);
  }

  function route(item) {
    const { status, reason } = item.ticket;
    if (item.state === "cancelled") { forget(item); return; }
    if (status === "upload") { ready.push(item); become(item, "ready"); return; }
    if (status === "duplicate") { become(item, "here"); return; }
    become(item, status === "full" ? "full" : "refused", reason);
  }

  // --- sending ------------------------------------------------------------------------------------------------------
  const sender = createSender({
    async renew(item) {
      await sign([item]);
      if (item.ticket.status !== "upload") throw new Dropped();
    },
    moved(item, sent, { before = false } = {}) {
      if (!before) transferred += Math.max(0, sent - item.sent);
      item.sent = Math.min(sent, item.file.size);
      view.changed(item);
    },
    signedOut: () => stop("signed-out"),
  });

  async function deliver(item) {
    if (item.state === "cancelled") return;
    become(item, "sending");
    try {
      await persist(item, () => sender.send(item));
      if (item.ticket.confirm) await persist(item, () => post(item.ticket.confirm));
      become(item, "sent");
      arrived();
    } catch {
      if (item.state === "cancelled") return;
      if (item.ticket.status === "upload") become(item, "failed", "The connection broke while this file was sent.");
      else route(item); // signed anew, and somebody else has sent it meanwhile
    }
  }

  async function lane(take, work) { for (;;) await work(await until(() => !stopped && take())); }
  lane(() => waiting.length && ready.length < AHEAD && waiting.splice(0, BATCH), prepare);
  for (let n = 0; n < LANES; n += 1) lane(() => ready.shift(), deliver);

  function forget(item) { if (item.ticket?.cancel) post(item.ticket.cancel).catch(() => {}); } // else it stays unfinished

  // --- what a person does -------------------------------------------------------------------------------------------
  addEventListener("offline", () => { if (busy()) stop("offline"); });
  addEventListener("online", () => { if (stopped === "offline") resume(); });

  const busy = () => items.some(({ state }) => state === "waiting" || ACTIVE.has(state));

  return {
    get items() { return items; },
    get stopped() { return stopped; },
    get transferred() { return transferred; },
    busy,
    resume,
    pause: () => stop("paused"),
    add(files, { folder = false } = {}) {
      if (!busy()) items = items.filter(({ state }) => state === "failed" || state === "full");
      const added = files.map((file) => ({ file, folder, state: "waiting", sent: 0, staleAt: 0, problem: null, ticket: null }));
      items.push(...added);
      waiting.push(...added);
      if (!navigator.onLine) stop("offline");
      view.changed();
      wake();
    },
    retry(item) {
      Object.assign(item, { ticket: null, sent: 0, sha256: undefined }); // the file may have changed meanwhile
      waiting.push(item);
      become(item, "waiting");
    },
    cancel(item) {
      const { state } = item;
      become(item, "cancelled");
      items = items.filter((other) => other !== item);
      for (const list of [waiting, ready]) if (list.includes(item)) list.splice(list.indexOf(item), 1);
      if (state === "sending") sender.drop(item);
      if (state !== "reading") forget(item);
      view.changed();
    },
  };
}
