// Runs before the first paint (a classic script in <head>), so that a remembered theme never flashes the other one.
(() => {
  const root = document.documentElement;
  const read = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const write = (theme) => { try { localStorage.setItem("theme", theme); } catch { /* private window: this page only */ } };
  const remembered = read();
  if (remembered === "light" || remembered === "dark") root.dataset.theme = remembered;

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
        const theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
        root.dataset.theme = theme;
        write(theme);
      });
    }
  });
})();
