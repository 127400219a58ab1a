// Calls to the studio, and what their failures mean.

export class SignedOut extends Error {}

const holder = document.querySelector("[data-csrf]");
// From the cookie, not from the page: whoever signs in again in another tab gets a new one.
const csrf = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? holder.dataset.csrf;

export async function post(address, body = {}) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
    body: JSON.stringify(body),
    redirect: "manual",
  });
  if (response.type === "opaqueredirect" || response.status === 403) throw new SignedOut(); // on to the sign-in page
  if (!response.ok) throw new Error(`${response.status}`);
  return response.json();
}
