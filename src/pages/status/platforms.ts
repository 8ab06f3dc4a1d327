import { html, type SafeHtml } from "@remix-run/html-template";

export type PlatformFacts = {
  name: string;
  /** null: not set up. */
  state: { problem: string | null; isFailing: boolean; warnings: readonly string[] } | null;
};

/** How one platform stands, and what is not as it should be with it. */
export function platformCard({ name, state }: PlatformFacts): SafeHtml {
  return html`
<section class="card" aria-label="${name}">
<h2>${name} ${badge(state)}</h2>
${state === null ? NOT_SET_UP : findings(state)}
</section>`;
}

function badge(state: PlatformFacts["state"]): SafeHtml {
  if (state === null) return html`<span class="badge">not set up</span>`;
  if (state.problem !== null) return html`<span class="badge bad">does not work</span>`;
  if (state.isFailing) return html`<span class="badge bad">failing</span>`;
  if (state.warnings.length > 0) return html`<span class="badge hint">works, with warnings</span>`;
  return html`<span class="badge good">ok</span>`;
}

function findings({ problem, warnings }: NonNullable<PlatformFacts["state"]>): SafeHtml {
  if (problem === null && warnings.length === 0)
    return html`<p class="soft">Everything is as it should be.</p>`;
  return html`${problem && html`<p class="notice bad">${problem}</p>`}${warnings.map((warning) => html`<p class="notice">${warning}</p>`)}`;
}

const NOT_SET_UP = html`<p class="soft">The steps are on the <a href="/">start page</a>.</p>`;
