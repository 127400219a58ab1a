// Paints a photo's thumbhash (https://evanw.github.io/thumbhash/) in its tile until the photo has loaded. Without
// JavaScript the tile shows the average colour instead.
const EDGE = 32;

function channel(read, nx, ny, scale) {
  const ac = [];
  for (let cy = 0; cy < ny; cy += 1)
    for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx += 1) ac.push((read() / 7.5 - 1) * scale);
  return { nx, ny, ac };
}

function sum({ nx, ny, ac }, dc, fx, fy) {
  let value = dc;
  for (let cy = 0, j = 0; cy < ny; cy += 1)
    for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx += 1, j += 1) value += ac[j] * 2 * fx[cx] * fy[cy];
  return value;
}

function decode(hash) {
  const head = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const shape = hash[3] | (hash[4] << 8);
  const alpha = head >> 23, landscape = shape >> 15;
  if (alpha) return null; // renditions have none
  const lx = Math.max(3, landscape ? 7 : shape & 7), ly = Math.max(3, landscape ? shape & 7 : 7);
  let index = 0;
  const read = () => (hash[5 + (index >> 1)] >> ((index++ & 1) << 2)) & 15;
  const l = channel(read, lx, ly, ((head >> 18) & 31) / 31);
  const p = channel(read, 3, 3, (((shape >> 3) & 63) / 63) * 1.25);
  const q = channel(read, 3, 3, (((shape >> 9) & 63) / 63) * 1.25);
  const dc = { l: (head & 63) / 63, p: ((head >> 6) & 63) / 31.5 - 1, q: ((head >> 12) & 63) / 31.5 - 1 };
  const ratio = lx / ly;
  const width = Math.round(ratio > 1 ? EDGE : EDGE * ratio), height = Math.round(ratio > 1 ? EDGE / ratio : EDGE);
  const waves = (n, length, at) => Array.from({ length: n }, (_, c) => Math.cos((Math.PI / length) * (at + 0.5) * c));
  const image = new ImageData(width, height);
  for (let y = 0, i = 0; y < height; y += 1) {
    const fy = waves(Math.max(ly, 3), height, y);
    for (let x = 0; x < width; x += 1, i += 4) {
      const fx = waves(Math.max(lx, 3), width, x);
      const lightness = sum(l, dc.l, fx, fy), yellow = sum(p, dc.p, fx, fy), red = sum(q, dc.q, fx, fy);
      const blue = lightness - (2 / 3) * yellow, r = (3 * lightness - blue + red) / 2;
      image.data.set([255 * r, 255 * (r - red), 255 * blue, 255], i); // clamped by the array itself
    }
  }
  return image;
}

// A canvas of at most 32 x 32 pixels for a hash in base64, or null where there is none.
export function canvasOf(text) {
  const image = text ? decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))) : null;
  if (!image) return null;
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function paint(tile) {
  const img = tile.querySelector("img");
  if (img.complete && img.currentSrc) return;
  const canvas = canvasOf(tile.dataset.thumbhash);
  if (!canvas) return;
  canvas.setAttribute("aria-hidden", "true");
  img.closest("picture").after(canvas);
  const done = () => {
    canvas.addEventListener("transitionend", () => canvas.remove());
    canvas.classList.add("is-done");
  };
  img.addEventListener("load", done, { once: true });
  img.addEventListener("error", done, { once: true });
}

// A tile is painted when it comes near the window: a gallery of thousands costs no more than what is looked at.
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    paint(target);
  }
}, { rootMargin: "600px" });

export function watch(tile) {
  watcher.observe(tile);
}

for (const tile of document.querySelectorAll('[data-thumbhash]:not([data-thumbhash=""])')) watch(tile);
