// Keeps a page up to date from the server without losing what somebody is typing or has opened.
// Every page also works without this script; forms and links then work in the usual way.

import { Idiomorph } from "./idiomorph.esm.js";

const main = document.querySelector("main");
const refreshMs = Number(main?.dataset.refreshMs);
const events = main?.dataset.events;

/** When the server wrote what is shown, in ms since 1970 by its clock; 0: unknown. */
let shownAsOf = 0;

/** The last page that was shown, as it came. */
let shown = "";

/** How far the server's clock is ahead of this browser's, in ms. */
let aheadMs = 0;

/**
 * Updates the page to what the server sent. Answers may overtake each other; one older than what is shown is ignored.
 * @param {string} html a whole page, or its main part @param {number} asOf
 */
function show(html, asOf) {
  if (asOf < shownAsOf) return;
  shownAsOf = asOf;
  if (asOf > 0) aheadMs = asOf - Date.now();
  if (html === shown) return;
  shown = html;
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (main && next) Idiomorph.morph(main, next, { callbacks });
}

const callbacks = {
  /** What somebody has typed or chosen stays. @param {Node} old */
  beforeNodeMorphed: (old) =>
    !(old instanceof HTMLSelectElement || (old instanceof HTMLInputElement && old.type !== "hidden")),
  /** So does what they have opened. @param {string} name @param {Element} element */
  beforeAttributeUpdated: (name, element) => !(name === "open" && element instanceof HTMLDetailsElement),
};

/** Shows or hides the warning that the server does not answer. @param {boolean} isHeard */
function tell(isHeard) {
  const place = document.getElementById("unheard");
  if (place) place.hidden = isHeard;
}

/** Loads and shows a page; returns whether that worked. @param {string | URL} url @param {RequestInit} [request] */
async function load(url, request) {
  try {
    const answer = await fetch(url, request);
    const isPage = answer.headers.get("content-type")?.startsWith("text/html") ?? false;
    if (isPage) show(await answer.text(), Number(answer.headers.get("as-of") ?? shownAsOf));
    tell(isPage || answer.ok);
    return answer.ok;
  } catch {
    tell(false);
    return false;
  }
}

if (refreshMs > 0) {
  setInterval(() => {
    if (!document.hidden) void load(location.href);
  }, refreshMs);
}

/** Says of each time that is counted down how far away it is now, in the words of times.ts. */
function countDown() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    const seconds = Math.ceil(
      (Date.parse(time.getAttribute("datetime") ?? "") - Date.now() - aheadMs) / 1000,
    );
    const words = seconds > 0 ? `in ${seconds} s` : "now";
    if (time.textContent !== words) time.textContent = words;
  }
}

/** @param {string} address */
function listen(address) {
  const source = new EventSource(address);
  source.addEventListener("message", ({ data, lastEventId }) => show(JSON.parse(data), Number(lastEventId)));
  source.addEventListener("open", () => tell(true));
  source.addEventListener("error", () => tell(false));
  return source;
}

if (events) {
  setInterval(countDown, 200);
  let source = listen(events);
  // A browser opens at most six connections to a server: hidden pages must not use them up.
  document.addEventListener("visibilitychange", () => {
    source.close();
    if (!document.hidden) source = listen(events);
  });
}

/** Whether nothing of it is out of sight or below something that sticks to the top. @param {Element} element */
function isInSight(element) {
  const { top, bottom, left, width } = element.getBoundingClientRect();
  const uppermost = document.elementFromPoint(left + width / 2, top + 1);
  return bottom <= innerHeight && element.contains(uppermost);
}

// A link to what is already in sight moves only the focus.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
  const target = document.getElementById(link?.getAttribute("href")?.slice(1) ?? "");
  if (target === null || !isInSight(target)) return;
  event.preventDefault();
  target.focus({ preventScroll: true, focusVisible: true });
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.live === undefined) return;
  event.preventDefault();
  const fields = [...new FormData(form, event.submitter)].map(([name, value]) => [name, String(value)]);
  // The next text may be typed while this one is being sent; a text that did not arrive is put back. What was chosen stays.
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && field.type === "text") field.value = "";
  }
  if (await load(form.action, { method: "POST", body: new URLSearchParams(fields) })) return;
  for (const [name = "", value = ""] of fields) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.type === "text" && field.value === "") field.value = value;
  }
});
