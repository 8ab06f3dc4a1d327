import { html, type SafeHtml } from "@remix-run/html-template";

/** How a line looks: of the person whose pane it is, of somebody else, of a bot, or of nobody. */
export type Voice = "mine" | "theirs" | "bot" | "system";

export type PaneLine = { voice: Voice; author: string; text: string; isForAgentsOnly?: boolean };

/** What is said in a pane, oldest first; it scrolls by itself, with the newest in sight. */
export function conversation(label: string, lines: readonly PaneLine[], empty: string): SafeHtml {
  return html`
<div class="talk" role="log" aria-label="${label}" tabindex="0"><div>
${lines.length === 0 ? html`<p class="soft small">${empty}</p>` : null}
<ol class="plain">${lines.map(lineItem)}
</ol>
</div></div>`;
}

function lineItem({ voice, author, text, isForAgentsOnly = false }: PaneLine): SafeHtml {
  if (voice === "system")
    return html`
<li class="line system">${text}</li>`;
  return html`
<li class="line ${voice}"><span class="who">${author}${isForAgentsOnly ? AGENTS_ONLY : null}</span><p>${text}</p></li>`;
}

const AGENTS_ONLY = html` <span class="badge hint">agents only</span>`;

export type WriteForm = {
  id: string;
  label: string;
  placeholder: string;
  /** Texts to be sent with one click. */
  suggestions: readonly string[];
  /** What goes with every text. */
  fields: Readonly<Record<string, string>>;
  /** What else can be chosen. */
  options?: SafeHtml;
};

/** Where a person writes, and what they might. */
export function writeForm({ id, label, placeholder, suggestions, fields, options }: WriteForm): SafeHtml {
  const hidden = Object.entries(fields).map(([name, value]) => {
    return html`<input type="hidden" name="${name}" value="${value}">`;
  });
  return html`
<form class="suggestions" method="post" action="/say" data-live>${hidden}${suggestions.map(suggestion)}</form>
<form method="post" action="/say" data-live>${hidden}
<label class="unseen" for="${id}">${label}</label>
<div class="row"><input type="text" id="${id}" name="text" placeholder="${placeholder}" maxlength="2000" autocomplete="off" required>
<button class="main">Send</button></div>
${options}
</form>`;
}

function suggestion(text: string): SafeHtml {
  return html`<button class="chip" name="text" value="${text}">${text}</button>`;
}
