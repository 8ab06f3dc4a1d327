// What makes a page live: it is brought up to date from the server, without losing what somebody types or has opened.
// Every page works without this script, too; forms are sent, and links followed, in the usual way then.

import { Idiomorph } from "./idiomorph.esm.js";

const main = document.querySelector("main");
const refreshMs = Number(main?.dataset.refreshMs);
const events = main?.dataset.events;

/** When the server wrote what is shown, in ms since 1970 by its own clock; 0 while that is not known. */
let shownAsOf = 0;

/**
 * Makes the page what the server says it is by now. Answers may overtake each other: what is older than what is shown stays away.
 * @param {string} html of a whole page, or of its main part @param {number} asOf
 */
function show(html, asOf) {
  if (asOf < shownAsOf) return;
  shownAsOf = asOf;
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (main && next) Idiomorph.morph(main, next, { callbacks });
}

const callbacks = {
  /** What is typed and chosen belongs to the person. @param {Node} old */
  beforeNodeMorphed: (old) => !(old instanceof HTMLInputElement && old.type !== "hidden"),
  /** So does what they have opened. @param {string} name @param {Element} element */
  beforeAttributeUpdated: (name, element) => !(name === "open" && element instanceof HTMLDetailsElement),
};

/** Whether the server can be heard; told in the place that the page has for it. @param {boolean} isHeard */
function tell(isHeard) {
  const place = document.getElementById("unheard");
  if (place) place.hidden = isHeard;
}

/** Whether it could be loaded. @param {string | URL} url @param {RequestInit} [request] */
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

/** @param {string} address */
function listen(address) {
  const source = new EventSource(address);
  source.addEventListener("message", ({ data, lastEventId }) => show(JSON.parse(data), Number(lastEventId)));
  source.addEventListener("open", () => tell(true));
  source.addEventListener("error", () => tell(false));
  return source;
}

if (events) {
  let source = listen(events);
  // A browser opens six connections to one server: pages that nobody looks at must not take all of them.
  document.addEventListener("visibilitychange", () => {
    source.close();
    if (!document.hidden) source = listen(events);
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.live === undefined) return;
  event.preventDefault();
  const fields = [...new FormData(form, event.submitter)].map(([name, value]) => [name, String(value)]);
  // The next text may be written while this one is under way; it comes back when it did not arrive.
  form.reset();
  if (await load(form.action, { method: "POST", body: new URLSearchParams(fields) })) return;
  for (const [name = "", value = ""] of fields) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.type === "text" && field.value === "") field.value = value;
  }
});
