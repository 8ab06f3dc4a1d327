import { html, type SafeHtml } from "@remix-run/html-template";

const NOTICES = {
  retried: { kind: "good", words: "The job was put back, as if it had just come in." },
  "all-retried": { kind: "good", words: "All dead jobs were put back, as if they had just come in." },
  "not-dead": {
    kind: "hint",
    words: "That job is not dead any more: it was put back before, or forgotten after 7 days.",
  },
  "none-dead": { kind: "hint", words: "No job is dead any more." },
} as const;

/** What came of a retry; the page knows the words, so that nothing of the address stands on it. */
export type NoticeName = keyof typeof NOTICES;

export function isNotice(name: unknown): name is NoticeName {
  return typeof name === "string" && Object.hasOwn(NOTICES, name);
}

/** Its place is there without a notice, too, or a screen reader would not hear of the next one. */
export function noticePlace(name: NoticeName | null): SafeHtml {
  return html`<div id="notice" role="status">${name && notice(name)}</div>`;
}

function notice(name: NoticeName): SafeHtml {
  const { kind, words } = NOTICES[name];
  return html`<p class="notice ${kind}">${words}</p>`;
}
