// While a contact sheet is in the works, fetches the page again and puts its list in the place of the old one.
const EVERY = 1500;
const SLOWEST = 12000;

const place = document.querySelector("[data-sheets]");
const announce = document.querySelector("[data-announce]");
let delay = EVERY;

function waiting() {
  return place.querySelector("[data-waiting]") !== null;
}

async function look() {
  try {
    const response = await fetch(location.pathname, { redirect: "error" });
    if (!response.ok) throw new Error(`${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.querySelector("[data-sheets]");
    const before = place.querySelectorAll(".sheet--queued").length;
    const after = fresh.querySelectorAll(".sheet--queued").length;
    delay = Math.min(delay * 1.15, SLOWEST);
    if (after === before) return;
    place.replaceChildren(...fresh.childNodes);
    announce.textContent = after ? "A contact sheet is finished." : "All contact sheets are finished.";
    delay = EVERY;
  } catch {
    delay = Math.min(delay * 2, SLOWEST);
  }
}

async function follow() {
  while (waiting()) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    await look();
  }
}

follow();
