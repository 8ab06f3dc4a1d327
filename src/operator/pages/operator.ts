import { html, type SafeHtml } from "@remix-run/html-template";
import { type Page, page } from "../../pages/layout.ts";

const PAGES = [
  { path: "/", name: "Home" },
  { path: "/status", name: "Status" },
  { path: "/crm", name: "Accounts" },
] as const;

/** Where jobs are shown, for those who have never heard of them. */
export const WHAT_A_JOB_IS = html`
<p class="soft small">A job is what one webhook, a message of a platform, asks the bot to do. It is settled once it is done or dead. Dead means that the server has given up.</p>`;

export type OperatorPath = (typeof PAGES)[number]["path"];

/** Renders a page for operators, with links to the others. */
export function operatorPage(path: OperatorPath, content: Omit<Page, "links">): string {
  return page({ ...content, links: links(path) });
}

function links(here: OperatorPath): SafeHtml {
  return html`${PAGES.map(({ path, name }) => {
    return html`<a href="${path}"${path === here ? html` aria-current="page"` : null}>${name}</a>`;
  })}`;
}

/** Wraps a wide table so that it scrolls on its own, with the keyboard too. */
export function scrolling(label: string, table: SafeHtml): SafeHtml {
  return html`
<div class="scroll" role="group" aria-label="${label}" tabindex="0">${table}</div>`;
}

/** That the database cannot be written, in its own sentence; nothing while it can be. */
export function databaseNotice(problem: string | null): SafeHtml | null {
  return problem === null ? null : html`<p class="notice bad">${problem}</p>`;
}
