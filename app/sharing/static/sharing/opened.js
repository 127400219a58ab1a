// Says once in a tab that this gallery was opened: when somebody can see it, not when a browser loads it in advance.
const address = document.querySelector("script[data-opened]").dataset.opened;

function say() {
  if (document.visibilityState !== "visible") return;
  document.removeEventListener("visibilitychange", say);
  try {
    if (!sessionStorage.getItem(address) && navigator.sendBeacon(address)) sessionStorage.setItem(address, "said");
  } catch {} // storage is forbidden here: rather not counted than counted with every page
}

document.addEventListener("visibilitychange", say);
say();
