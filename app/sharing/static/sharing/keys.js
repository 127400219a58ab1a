// Left, right and Escape do what the links that name them do.
addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
});
