// Copies a new link's address, and says so on the button itself.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const field = document.querySelector("[data-secret]");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      field.select(); // no permission: leave it selected, ready for the keyboard
      return;
    }
    button.textContent = "Copied";
  });
}
document.querySelector("[data-secret]")?.addEventListener("focus", (event) => event.target.select());
