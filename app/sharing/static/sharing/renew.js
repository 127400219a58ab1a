// Keeps the right to read files alive while somebody looks: it lasts 30 minutes, and is renewed after 15.
const EVERY = 10 * 60 * 1000;
const address = document.querySelector("script[data-renew]").dataset.renew;
let renewed = Date.now();
let closed = false;

async function renew() {
  if (closed || document.visibilityState !== "visible" || Date.now() - renewed < EVERY) return;
  renewed = Date.now();
  let response;
  try {
    response = await fetch(address, { method: "POST", redirect: "manual" });
  } catch {
    return; // no network: the next turn tries again
  }
  if (response.status === 204) retry();
  else if (response.status < 500) say();
}

// What failed to load while the tab slept has a second chance.
function retry() {
  for (const image of document.images) if (image.complete && !image.naturalWidth) image.src = image.src;
}

function say() {
  closed = true;
  const notice = document.querySelector("template[data-closed]");
  if (notice) document.querySelector("main").prepend(notice.content.cloneNode(true));
}

setInterval(renew, EVERY / 10);
document.addEventListener("visibilitychange", renew);
addEventListener("pageshow", renew);
