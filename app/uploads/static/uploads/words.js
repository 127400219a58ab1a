// Figures as people read them, in the words of the server's own messages.

export function bytes(count) {
  const units = ["KB", "MB", "GB", "TB"];
  let value = count / 1024;
  while (value >= 1024 && units.length > 1) { value /= 1024; units.shift(); }
  return `${value.toFixed(1)}\u00a0${units[0]}`;
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))}\u00a0s left`;
  if (seconds < 5400) return `${Math.round(seconds / 60)}\u00a0min left`;
  return `${(seconds / 3600).toFixed(1)}\u00a0h left`;
}

export const files = (count) => (count === 1 ? "1 file" : `${count} files`);
