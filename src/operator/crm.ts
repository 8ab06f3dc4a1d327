import { html, type SafeHtml } from "@remix-run/html-template";
import type { RequestHandler } from "express";
import { formatCents, type Ledger, shortened } from "../reactions/balance.ts";
import { operatorPage } from "./pages/operator.ts";

/** The account lookup: shows the balance of the account `?account=`, from the same ledger as the bot. */
export function createCrm(ledger: Ledger): RequestHandler {
  return function answerCrm({ query: { account } }, res) {
    const id = typeof account === "string" ? account.trim() : "";
    res.send(crmPage(id === "" ? null : { id, cents: ledger.lookup(id) }));
  };
}

type Lookup = {
  /** As typed. */
  id: string;
  /** Due minus paid, in cents; null: no such account. */
  cents: bigint | null;
};

/** null: nothing looked up yet. */
function crmPage(lookup: Lookup | null): string {
  const content = html`
<p class="lead">Shows the balance of an account as the bot tells it.</p>
<form class="card" method="get" action="/crm" role="search">
<label for="account">Account ID</label>
<p class="row"><input id="account" name="account" type="text" value="${lookup && shortened(lookup.id)}" placeholder="acct100" aria-describedby="how" required maxlength="100" autocomplete="off" autocapitalize="off" spellcheck="false"${lookup ? null : html` autofocus`}>
<button class="main">Look up</button></p>
<p id="how" class="soft small">Upper or lower case does not matter; punctuation does.</p>
</form>
${lookup && answerOf(lookup)}`;
  return operatorPage("/crm", { title: "Accounts", content });
}

function answerOf({ id, cents }: Lookup): SafeHtml {
  if (cents === null)
    return html`
<p class="notice bad" role="status">There is no account <strong>${shortened(id)}</strong>.</p>`;
  return html`
<section class="card" role="status">
<h2>${id}</h2>
<p class="amount">${formatCents(cents)} USD</p>
<p>${inWords(cents)}</p>
</section>`;
}

function inWords(cents: bigint): SafeHtml {
  if (cents < 0n)
    return html`<span class="badge good">credit</span> <span class="soft">Paid ${formatCents(-cents)} USD more than was due.</span>`;
  if (cents === 0n)
    return html`<span class="badge">even</span> <span class="soft">Everything due is paid.</span>`;
  return html`<span class="badge hint">due</span> <span class="soft">This amount is still to be paid.</span>`;
}
