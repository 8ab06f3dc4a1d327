import { html, type SafeHtml } from "@remix-run/html-template";

export type PlatformFacts = {
  title: string;
  /** null: not set up. */
  state: PlatformState | null;
};

export type PlatformState = {
  problem: string | null;
  /** Whether all calls to it fail. */
  isFailing: boolean;
  /** What fails, a sentence each: it, or tenants of it. */
  failing: readonly string[];
  warnings: readonly string[];
};

/** How one platform stands, and what is not as it should be with it. */
export function platformCard({ title, state }: PlatformFacts): SafeHtml {
  return html`
<section class="card" aria-label="${title}">
<h2>${title} ${badge(state)}</h2>
${state === null ? NOT_SET_UP : findings(state)}
</section>`;
}

function badge(state: PlatformState | null): SafeHtml {
  if (state === null) return html`<span class="badge">not set up</span>`;
  if (state.problem !== null) return html`<span class="badge bad">does not work</span>`;
  if (state.isFailing) return html`<span class="badge bad">failing</span>`;
  if (state.failing.length > 0 || state.warnings.length > 0)
    return html`<span class="badge hint">works, with warnings</span>`;
  return html`<span class="badge good">ok</span>`;
}

function findings({ problem, failing, warnings }: PlatformState): SafeHtml {
  const bad = [...(problem === null ? [] : [problem]), ...failing];
  if (bad.length === 0 && warnings.length === 0)
    return html`<p class="soft">Everything is as it should be.</p>`;
  return html`${bad.map((sentence) => html`<p class="notice bad">${sentence}</p>`)}${warnings.map((warning) => html`<p class="notice">${warning}</p>`)}`;
}

const NOT_SET_UP = html`<p class="soft">The steps are on the <a href="/">start page</a>.</p>`;
