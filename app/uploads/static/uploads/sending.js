// One file to the file store, through Uppy: a small one in one request, a large one in parts that travel in parallel.
//
// Every upload in parts is "restored" in Uppy's eyes: the studio begins it or finds what has arrived of it, so a new
// file, a retry and a file added again after the tab was closed go one way, and no part is sent twice.
import { AwsS3, Uppy } from "./vendor/uppy.js";
import { sha256 } from "./files.js";
import { post, SignedOut } from "./server.js";

const REQUESTS = 6; // what browsers open to a host over HTTP/1.1, which is all that S3 speaks
const PART_PAUSES = [0, 1000, 3000, 5000];
const STALLED = 30_000; // without a byte moving or an answer

export class Dropped extends Error {}

function quiet() {} // Uppy's log: what it says is shown on the page

// `renew(item)` signs an item anew, `moved(item, sent, { before })` hears of bytes, `signedOut()` of a lost session.
export function createSender({ renew, moved, signedOut }) {
  const flights = new Map(); // Uppy's id -> { item, resolve, reject }
  const partBytes = new WeakMap(); // File -> length of its parts
  let paused = false;

  const uppy = new Uppy({ onBeforeFileAdded: () => true, logger: { debug: quiet, warn: quiet, error: quiet } });
  const itemOf = (file) => flights.get(file.id)?.item;

  async function ask(address, body) {
    try { return await post(address, body); } catch (error) {
      if (error instanceof SignedOut) signedOut();
      throw error;
    }
  }

  uppy.use(AwsS3, {
    limit: REQUESTS,
    retryDelays: PART_PAUSES,
    shouldUseMultipart: (file) => Boolean(itemOf(file).ticket.begin),
    getChunkSize: (data) => partBytes.get(data),
    async getUploadParameters(file) {
      const item = itemOf(file);
      if (Date.now() > item.staleAt) await renew(item);
      return { method: "PUT", url: item.ticket.url, headers: item.ticket.headers, fields: {} };
    },
    async listParts(file) {
      const item = itemOf(file);
      const { parts } = item.begun ?? (await ask(item.ticket.begin));
      item.begun = null; // after a pause there are more
      return parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
    },
    signPart: async (file, { partNumber, body }) =>
      ask(itemOf(file).ticket.sign_part, { number: partNumber, sha256: await sha256(body) }),
    completeMultipartUpload: (file) => ask(itemOf(file).ticket.finish),
    createMultipartUpload: async () => { throw new Error("The studio begins uploads."); },
    abortMultipartUpload: async () => {}, // a failure is no reason to lose parts; whoever cancels tells the studio
    uploadPartBytes: putBytes,
  });
  uppy.on("upload-progress", (file, { bytesUploaded }) => { if (file && itemOf(file)) moved(itemOf(file), bytesUploaded); });
  uppy.on("upload-success", (file) => land(file.id, (flight) => flight.resolve()));
  uppy.on("upload-error", (file, error) => land(file.id, (flight) => flight.reject(error)));

  function land(id, settle) {
    const flight = flights.get(id);
    if (!flight) return;
    settle(flight);
    queueMicrotask(() => { flights.delete(id); if (uppy.getFile(id)) uppy.removeFile(id); }); // once Uppy is done with it
  }

  async function send(item) {
    if (item.ticket.begin) {
      item.begun = await ask(item.ticket.begin);
      partBytes.set(item.file, item.begun.part_bytes);
      const arrived = item.begun.parts.map(({ number }) => Math.min(item.begun.part_bytes, item.file.size - (number - 1) * item.begun.part_bytes));
      moved(item, arrived.reduce((sum, size) => sum + size, 0), { before: true });
    }
    if (item.state === "cancelled") throw new Dropped();
    return new Promise((resolve, reject) => {
      const { photo } = item.ticket;
      const id = uppy.addFile({ name: photo, type: "application/octet-stream", data: item.file });
      flights.set(id, { item, resolve, reject });
      if (item.ticket.begin) uppy.setFileState(id, { s3Multipart: { key: photo, uploadId: photo } });
      uppy.upload().catch(() => {}); // each file's own event tells
      setTimeout(() => { if (paused) uppy.pauseAll(); });
    });
  }

  function drop(item) {
    for (const [id, flight] of flights)
      if (flight.item === item) land(id, () => flight.reject(new Dropped()));
  }

  return {
    send,
    drop,
    pause() { if (!paused) { paused = true; uppy.pauseAll(); } },
    resume() { if (paused) { paused = false; uppy.resumeAll(); } },
  };
}

// Uppy's own has no watchdog: a connection that died without a word would hold its place for ever.
function putBytes({ signature: { url, headers }, body, size = body.size, onProgress, onComplete, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let watchdog;
    const stop = () => request.abort();
    const alive = () => { clearTimeout(watchdog); watchdog = setTimeout(stop, STALLED); };
    const fail = (status, text = "network") => { reject(Object.assign(new Error(text), { source: { status } })); };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => { alive(); onProgress(event); };
    request.onload = () => {
      if (request.status >= 300) {
        fail(request.status, request.responseText.includes("Request has expired") ? "Request has expired" : "refused");
        return;
      }
      const etag = request.getResponseHeader("etag");
      onProgress({ loaded: size, lengthComputable: true });
      onComplete(etag);
      resolve({ ETag: etag });
    };
    request.onerror = () => fail(0);
    request.onabort = () => fail(0, "stalled");
    request.onloadend = () => { clearTimeout(watchdog); signal.removeEventListener("abort", stop); };
    signal.addEventListener("abort", stop);
    if (signal.aborted) { fail(0); return; }
    alive();
    request.send(body);
  });
}
