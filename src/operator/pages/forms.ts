import { html, type SafeHtml } from "@remix-run/html-template";

const NOTICES = {
  retried: { kind: "good", words: "The job was put back and will be tried again." },
  "all-retried": { kind: "good", words: "All dead jobs were put back and will be tried again." },
  dropped: { kind: "good", words: "The job was dropped." },
  "not-dead": {
    kind: "hint",
    words: "That job is no longer dead: it was already put back, or was deleted after 7 days.",
  },
  "none-dead": { kind: "hint", words: "No job is dead any more." },
  "not-dropped": {
    kind: "hint",
    words: "That job was not dropped: the server is working on it, or it does not exist any more.",
  },
} as const;

/** The result of a form. The words are here, so that nothing from the address gets onto the page. */
export type NoticeName = keyof typeof NOTICES;

export function isNotice(name: unknown): name is NoticeName {
  return typeof name === "string" && Object.hasOwn(NOTICES, name);
}

/** The element exists without a notice too; otherwise a screen reader would miss the next one. */
export function noticeRegion(name: NoticeName | null): SafeHtml {
  return html`<div id="notice" role="status">${name && notice(name)}</div>`;
}

function notice(name: NoticeName): SafeHtml {
  const { kind, words } = NOTICES[name];
  return html`<p class="notice ${kind}">${words}</p>`;
}

export function hiddenFields(fields: readonly (readonly [string, string])[]): SafeHtml {
  return html`${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}
