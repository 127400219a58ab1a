// Follows the photos of a gallery while they are developed: asks for what has changed, slower when nothing does, puts
// new tiles in their place, and stops when nothing is left to wait for. `wake` begins again.
//
// In: the grid, the address that answers `{since, more, photos: [{id, state, tile}]}`, the `since` of the page, and
// `heard(answer)`, which returns whether there is more to wait for.
const QUICK = 800;
const SLOW = 8000;

export function follow(grid, { address, since, heard }) {
  let delay = QUICK;
  let timer = null;

  function place({ id, tile: markup }) {
    if (grid.querySelector(`[data-photo="${id}"]`)) return;
    const holder = document.createElement("template");
    holder.innerHTML = markup;
    const tile = holder.content.firstElementChild;
    const behind = Array.from(grid.children).find((other) => other.dataset.order > tile.dataset.order);
    grid.insertBefore(tile, behind ?? null);
  }

  async function ask() {
    const asked = new URL(address, location.href);
    asked.searchParams.set("since", since);
    const response = await fetch(asked, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!response.ok) throw new Error(`${response.status}`);
    return response.json();
  }

  async function poll() {
    timer = null;
    let working = true;
    try {
      const answer = await ask();
      const shown = grid.children.length;
      for (const photo of answer.photos) if (photo.state === "ready") place(photo);
      since = answer.since;
      working = heard(answer) || answer.more;
      delay = answer.more || grid.children.length > shown ? QUICK : Math.min(delay * 1.5, SLOW);
    } catch {
      delay = Math.min(delay * 2, SLOW);
    }
    if (working && !timer) timer = setTimeout(poll, delay);
  }

  function wake() {
    delay = QUICK;
    timer ??= setTimeout(poll, QUICK);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !timer) return;
    clearTimeout(timer);
    timer = null;
    wake();
  });
  return { wake };
}
