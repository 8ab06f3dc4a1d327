import { html, type SafeHtml } from "@remix-run/html-template";
import { capitalized } from "../../letter-case.ts";
import { firstPageOf, listPath } from "../jobs-query.ts";
import { hiddenFields } from "./forms.ts";
import type { JobsFacts } from "./jobs.ts";

/** Narrows the list to a platform or an account. */
export function filterForm({ query, platforms, tenants }: JobsFacts): SafeHtml {
  const { state, platform, account } = query;
  const unfiltered = listPath({ ...firstPageOf(query), platform: null, account: null });
  return html`
<form class="filter" method="get" action="/status#inbox">${state && hiddenFields([["state", state]])}
<p><label for="platform">Platform</label>
<select id="platform" name="platform"><option value="">all</option>${platforms.map(
    ({ name, title }) =>
      html`<option value="${name}"${name === platform ? html` selected` : null}>${title}</option>`,
  )}</select></p>
<p class="wide"><label for="account">${capitalized(tenants)}</label>
<input id="account" name="account" type="text" value="${account}" placeholder="any" maxlength="100" autocomplete="off" autocapitalize="off" spellcheck="false"></p>
<p class="row"><button>Filter</button>${
    platform !== null || account !== null ? html` <a href="${unfiltered}">Show all</a>` : null
  }</p>
</form>`;
}
