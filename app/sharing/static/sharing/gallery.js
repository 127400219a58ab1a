// The gallery's page: one click opens the viewer, the first sign of use fetches what the page leaves out, and photos
// that are still being developed are followed. Without all this every tile is a link to its photo's own page.
import { fetchDetails } from "./details.js";
import { open, prepare } from "./lightbox.js";
import { follow } from "./live.js";
import { mark } from "./sections.js";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".sheet a");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(link.closest(".tile")).catch(() => location.assign(link.href));
});

const SIGNS = ["pointerover", "pointerdown", "keydown", "scroll"];
function used() {
  for (const sign of SIGNS) removeEventListener(sign, used);
  prepare();
  (window.requestIdleCallback ?? setTimeout)(() => fetchDetails(), { timeout: 2000 });
}
for (const sign of SIGNS) addEventListener(sign, used, { passive: true });

function start() {
  mark();
  follow();
}
if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
else start();
