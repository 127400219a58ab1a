// The viewer: PhotoSwipe moves and zooms, a <dialog> holds focus and keys, and the address bar shows the page of the
// photo that is open, so that it can be passed on and Back closes it.
import { canvasOf } from "../galleries/thumbhash.js";
import { fetchDetails, home, idOf } from "./details.js";

const load = () => import("./vendor/photoswipe-5.4.4/photoswipe.esm.min.js");
const part = (name) => dialog.querySelector(`[data-${name}]`);
const button = (name) => dialog.querySelector(`[data-do="${name}"]`);

let dialog = null;
let viewer = null;
let tiles = [];
let leaving = false;

// The engine is fetched when somebody begins to look around, so that the first click finds it.
export function prepare() {
  load().catch(() => {});
}

function shown(tile) {
  const img = tile.querySelector("img");
  if (img.complete && img.naturalWidth) return img.currentSrc;
  return canvasOf(tile.dataset.thumbhash)?.toDataURL();
}

// What PhotoSwipe needs to know; it chooses from srcset by the size on the screen, and again when that is zoomed.
function slide({ tile }) {
  const img = tile.querySelector("img"), source = tile.querySelector("source");
  const modern = source && !/\.jpe?g$/.test(img.currentSrc); // a browser older than AVIF has taken the JPEG
  return {
    tile, width: Number(img.getAttribute("width")), height: Number(img.getAttribute("height")), alt: img.alt, msrc: shown(tile), thumbCropped: true,
    ...(modern ? { srcset: source.srcset, src: source.srcset.split(", ").at(-1).split(" ")[0] } : { src: img.src }),
  };
}

function padding({ x, y }) {
  const wide = x > 640;
  return { top: wide ? 68 : 56, bottom: wide ? 28 : Math.min(88, y * 0.12), left: wide ? 76 : 0, right: wide ? 76 : 0 };
}

// While the viewer is open the grid is not rendered: a modal dialog makes everything else inert, and for 2,000 tiles
// that is 180 ms of style. Its height stays, so that nothing is scrolled.
function rest(on) {
  const { style, offsetHeight } = document.querySelector("[data-parts]");
  style.blockSize = on ? `${offsetHeight}px` : "";
  style.contentVisibility = on ? "hidden" : "";
}

function create(PhotoSwipe, index, origin) {
  const made = new PhotoSwipe({
    index, dataSource: tiles.map((tile) => ({ tile })), appendToEl: part("stage"), paddingFn: padding,
    bgOpacity: 1, loop: false, wheelToZoom: true, imageClickAction: "zoom", tapAction: () => part("room").toggleAttribute("data-quiet"),
    escKey: false, trapFocus: false, returnFocus: false, arrowPrev: false, arrowNext: false, close: false, zoom: false, counter: false,
    errorMsg: "This photo cannot be shown. It may have been taken out of the gallery.",
  });
  made.addFilter("itemData", slide);
  made.addFilter("thumbBounds", () => made.opener.isOpen ? undefined : origin);
  made.addFilter("placeholderSrc", (_, content) => content.data.msrc ?? false);
  made.on("afterInit", () => made.element.removeAttribute("role")); // the dialog is the one around it
  made.on("change", show);
  made.on("zoomPanUpdate", () => button("zoom").setAttribute("aria-pressed", String(zoomed())));
  made.on("keydown", keys);
  made.on("openingAnimationEnd", () => leaving && made.close());
  made.on("close", () => { if (made.options.showHideAnimationType !== "none") made.options.showHideAnimationType = "fade"; });
  made.on("destroy", closed);
  return made;
}

const zoomed = () => Boolean(viewer?.currSlide) && viewer.currSlide.currZoomLevel > viewer.currSlide.zoomLevels.initial;

export async function open(tile, { known = false } = {}) {
  if (viewer) return viewer.goTo(Math.max(0, tiles.indexOf(tile)));
  const { default: PhotoSwipe } = await load();
  if (viewer) return undefined; // a second click while the engine was on its way
  dialog ??= prepared();
  tiles = Array.from(document.querySelectorAll(".sheet .tile"));
  leaving = false;
  if (!known) history.pushState({ photo: idOf(tile) }, "", `${home}${idOf(tile)}/`);
  const { left: x, top: y, width: w } = tile.getBoundingClientRect();
  rest(true);
  dialog.showModal();
  viewer = create(PhotoSwipe, Math.max(0, tiles.indexOf(tile)), { x, y, w });
  viewer.init();
  button("close").focus({ focusVisible: false });
  return undefined;
}

async function show() {
  const index = viewer.currIndex, tile = tiles[index], id = idOf(tile);
  part("place").textContent = `${index + 1} / ${tiles.length}`;
  part("said").textContent = `Photo ${index + 1} of ${tiles.length}`;
  // Not `disabled`, which would drop the focus that is on it.
  button("before").setAttribute("aria-disabled", String(index === 0));
  button("after").setAttribute("aria-disabled", String(index === tiles.length - 1));
  if (!leaving) history.replaceState({ photo: id }, "", `${home}${id}/`);
  part("name").textContent = "";
  const { name = "", facts = [] } = (await fetchDetails())[id] ?? {};
  if (tiles[viewer?.currIndex] !== tile) return;
  part("name").textContent = name;
  part("facts").querySelector("dl").replaceChildren(...facts.map(([term, value]) => {
    const row = document.createElement("div");
    row.append(Object.assign(document.createElement("dt"), { textContent: term }));
    row.append(Object.assign(document.createElement("dd"), { textContent: value }));
    return row;
  }));
  part("no-facts").hidden = facts.length > 0;
}

function toggle(name, on = part(name).hidden) {
  for (const other of ["facts", "help"]) {
    part(other).hidden = other !== name || !on;
    button(other).setAttribute("aria-expanded", String(!part(other).hidden));
  }
}

const actions = {
  facts: () => toggle("facts"),
  help: () => toggle("help"),
  zoom: () => viewer.toggleZoom(),
  before: () => viewer.prev(),
  after: () => viewer.next(),
  fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : part("room").requestFullscreen()),
  close: leave,
};

function keys(event) {
  const { originalEvent: pressed } = event;
  const action = { i: "facts", f: "fullscreen", "?": "help", Escape: "close" }[pressed.key];
  if (pressed.key === "Tab") event.preventDefault(); // ours to hold is the dialog's work
  if (!action || pressed.ctrlKey || pressed.metaKey || pressed.altKey || button(action).hidden) return;
  pressed.preventDefault();
  event.preventDefault();
  if (action === "close" && !part("help").hidden) toggle("help", false);
  else actions[action]();
}

// Close, once the opening has come to its end: PhotoSwipe refuses before.
function leave() {
  leaving = true;
  viewer?.close();
}

function closed() {
  const tile = tiles[viewer.currIndex];
  viewer = null;
  if (document.fullscreenElement) document.exitFullscreen();
  toggle("facts", false);
  part("room").removeAttribute("data-quiet");
  dialog.close();
  rest(false);
  const settle = () => requestAnimationFrame(() => {
    tile.scrollIntoView({ block: "nearest", behavior: "instant" });
    tile.querySelector("a").focus({ preventScroll: true });
  });
  if (!history.state?.photo) return settle();
  addEventListener("popstate", settle, { once: true });
  return history.back();
}

function prepared() {
  const found = document.querySelector("[data-lightbox]");
  found.addEventListener("click", ({ target }) => actions[target.closest("[data-do]")?.dataset.do]?.());
  found.addEventListener("cancel", (event) => { event.preventDefault(); leave(); }); // Back on Android
  document.addEventListener("fullscreenchange", () =>
    button("fullscreen").setAttribute("aria-pressed", String(Boolean(document.fullscreenElement))));
  found.querySelector('[data-do="fullscreen"]').hidden = !document.fullscreenEnabled;
  return found;
}

addEventListener("popstate", ({ state }) => {
  const tile = state?.photo && document.getElementById(`photo-${state.photo}`);
  if (tile) open(tile, { known: true }).catch(() => location.reload());
  else if (viewer) leave();
});
