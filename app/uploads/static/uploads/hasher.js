// SHA-256 beside the page: reading 20 MB in one piece holds up whatever thread asks for it for some 80 ms.
addEventListener("message", async ({ data: { id, blob } }) => {
  try {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    postMessage({ id, hex: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("") });
  } catch {
    postMessage({ id });
  }
});
