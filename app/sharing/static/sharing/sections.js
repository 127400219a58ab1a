// Marks the tab of the section that is being read.
export function mark() {
  const tabs = document.querySelector("[data-tabs]");
  if (!tabs) return;
  const links = new Map(Array.from(tabs.querySelectorAll("a"), (link) => [link.hash.slice(1), link]));
  let current = null;
  const choose = (link) => {
    if (!link || link === current) return;
    current?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "location");
    current = link;
    const row = link.closest("ul");
    row.scrollTo({ left: link.offsetLeft - (row.clientWidth - link.offsetWidth) / 2 });
  };
  // A line a third down the window: the section that crosses it is the one.
  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) choose(links.get(target.id));
  }, { rootMargin: "-33% 0px -66% 0px" });
  for (const id of links.keys()) {
    const section = document.getElementById(id);
    if (section) watcher.observe(section);
  }
}
