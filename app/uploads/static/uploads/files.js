// Files as the browser hands them over: from a chooser, or dropped with their folders.

const TYPES = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", avif: "image/avif", heic: "image/heic", heif: "image/heif" };
const PHOTOS = new Set(Object.values(TYPES));

export const typeOf = (file) => file.type || TYPES[file.name.split(".").pop().toLowerCase()] || "";

// Folders hold .DS_Store, Thumbs.db and sidecar files too, which nobody meant to send.
export const isPhoto = (file) => PHOTOS.has(typeOf(file)) && !file.name.startsWith(".");

// Files as they are; of folders, the photos in them and in the folders below. `lost` is told what could not be read.
export async function dropped(transfer, lost) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()); // now: later the list is empty
  if (!entries.some((entry) => entry?.isDirectory)) return { files: Array.from(transfer.files), folder: false };
  const found = await Promise.all(entries.filter(Boolean).map((entry) => walk(entry, lost)));
  return { files: found.flat(), folder: true };
}

async function walk(entry, lost, { inside = false } = {}) {
  try {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => { entry.file(resolve, reject); });
      return inside && !isPhoto(file) ? [] : [file];
    }
    const reader = entry.createReader();
    const entries = [];
    for (let part = null; !part || part.length; entries.push(...part)) // at most 100 a call
      part = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    return (await Promise.all(entries.map((each) => walk(each, lost, { inside: true })))).flat();
  } catch {
    lost(entry.name);
    return [];
  }
}

// Who calls this for one file after the other holds one in memory.
const hasher = new Worker(document.querySelector("[data-hasher]").dataset.hasher);
const asked = new Map();
hasher.addEventListener("message", ({ data: { id, hex } }) => {
  const { resolve, reject } = asked.get(id);
  asked.delete(id);
  if (hex) resolve(hex); else reject(new Error("unreadable"));
});

let questions = 0;
export function sha256(blob) {
  return new Promise((resolve, reject) => {
    asked.set(questions, { resolve, reject });
    hasher.postMessage({ id: questions, blob });
    questions += 1;
  });
}
