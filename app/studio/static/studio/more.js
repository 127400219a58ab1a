// Brings the next part of a long gallery before its last row comes into view. Without this the link shows it.
import { grid, sortIn } from "./grid.js";

let loading = false;

async function load(link) {
  if (loading) return;
  loading = true;
  try {
    const response = await fetch(link.href, { redirect: "error" });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    take(page, link);
  } catch {
    watcher.unobserve(link); // the link stays, to be clicked
  } finally {
    loading = false;
  }
}

function take(page, link) {
  const there = new Set(Array.from(grid.children, (node) => node.dataset.photo ?? node.dataset.order));
  const next = page.querySelector("[data-more]");
  const coming = Array.from(page.querySelector("[data-grid]").children);
  if (next) link.href = next.href;
  else {
    watcher.disconnect();
    link.parentNode.remove();
  }
  for (const node of coming) {
    if (there.has(node.dataset.photo ?? node.dataset.order)) continue;
    const one = document.adoptNode(node);
    if (!(grid.lastElementChild?.dataset.order > one.dataset.order) || !sortIn(one)) grid.append(one);
  }
  watcher.unobserve(link); // looks again: the link may still be in view
  if (next) watcher.observe(link);
}

const watcher = new IntersectionObserver(
  (entries) => { for (const { isIntersecting, target } of entries) if (isIntersecting) load(target); },
  { rootMargin: "1500px" },
);
const link = document.querySelector("[data-more]");
if (link) {
  watcher.observe(link);
  link.addEventListener("click", (event) => { event.preventDefault(); load(link); });
}
