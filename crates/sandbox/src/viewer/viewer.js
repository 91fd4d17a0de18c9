// Renews the page while somebody looks at it. What is being selected, typed or scrolled
// sideways stays: only what differs is replaced, and never under a selection.
"use strict";
const EVERY_MS = 1500;
let shown = null;

async function renew() {
  const selected = String(getSelection());
  const older = new URLSearchParams(location.search).has("before");
  if (document.hidden || older || selected) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!fresh || fresh.innerHTML === shown) return;
  shown = fresh.innerHTML;
  document.querySelector("main").replaceWith(fresh);
}

setInterval(() => renew().catch(() => {}), EVERY_MS);
