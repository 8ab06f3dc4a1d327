import { html, type SafeHtml } from "@remix-run/html-template";
import type { PlatformName } from "../../job.ts";
import { fromNow, timeOf } from "../../pages/times.ts";
import type { HookReport } from "../../platforms/platform.ts";
import type { InstallationState } from "../../store/installation-state.ts";
import type { LastHour } from "../activity.ts";
import type { DeadJobs } from "../dead-jobs.ts";
import { ALL_JOBS, listPath } from "../jobs-query.ts";
import { hourCard } from "./hour.ts";
import { type JobsFacts, jobsCard } from "./jobs.ts";
import { databaseNotice, operatorPage, scrolling } from "./operator.ts";
import { type ServersFacts, serversCard } from "./servers.ts";

/** What the page shows, without secrets. Times in ms since 1970. */
export type StatusFacts = {
  now: number;
  platforms: readonly PlatformFacts[];
  /** Why the database cannot be written; null: it can be. */
  database: string | null;
  /** That jobs have waited too long; null: none has. */
  backlog: string | null;
  pauses: readonly string[];
  hour: LastHour;
  jobs: JobsFacts;
  installations: readonly InstallationFacts[];
  installers: readonly InstallerFacts[];
  hooks: readonly HooksFacts[];
  servers: ServersFacts;
};

const REFRESH_MS = 5000;

/** The state of the whole server, for operators. */
export function statusPage({ now, platforms, backlog, pauses, hour, jobs, ...facts }: StatusFacts) {
  const { database, installations, installers, hooks, servers } = facts;
  const content = html`
<p class="soft">As of ${timeOf(now, now)} UTC. This page updates itself.</p>
${databaseNotice(database)}
${jobs.counts.dead > 0 ? deadJobs(jobs.counts.dead) : null}
${backlog && html`<p class="notice">${backlog}. <a href="/status?state=waiting#inbox">See what they are waiting for</a></p>`}
${pauses.map((pause) => html`<p class="notice">${pause}</p>`)}
<div class="cards">${platforms.map(platformCard)}
</div>
${hourCard(hour, now)}
${installationsCard(installations, installers, now)}
${hooks.map((one) => hooksCard(one, now))}
${serversCard(servers, now)}
${jobsCard(jobs, now)}`;
  return operatorPage("/status", { title: "Status", content, isWide: true, live: { refreshMs: REFRESH_MS } });
}

/** Shown at the top, since the jobs come last on the page. */
function deadJobs(count: number): SafeHtml {
  const words = count === 1 ? "One job is dead" : `${count} jobs are dead`;
  return html`
<p class="notice bad">${words}. The server has given up; you can retry. <a href="/status?state=dead#inbox">See why</a></p>`;
}

type PlatformFacts = {
  title: string;
  /** null: not set up. */
  state: PlatformState | null;
};

type PlatformState = {
  /** Whether its bot has to be installed, and is not installed anywhere. */
  isUninstalled: boolean;
  problem: string | null;
  /** Whether the whole platform is failing. */
  isFailing: boolean;
  /** Whether it is installed, but none of its installations works. */
  isBroken: boolean;
  /** What is failing, the platform or its tenants, one sentence each. */
  failing: readonly string[];
  warnings: readonly string[];
  /** What nobody has looked at, as a sentence; null: nothing. */
  unseen: string | null;
  /** null: no job is dead. */
  dead: DeadJobs | null;
};

/** The state of one platform, and what is wrong with it. */
function platformCard({ title, state }: PlatformFacts): SafeHtml {
  return html`
<section class="card" aria-label="${title}">
<h2>${title} ${badge(state)}${state?.dead && deadBadge(state.dead)}</h2>
${state === null ? NOT_SET_UP : findings(state)}
</section>`;
}

function badge(state: PlatformState | null): SafeHtml {
  if (state === null) return html`<span class="badge">not set up</span>`;
  if (state.problem !== null || state.isBroken) return html`<span class="badge bad">does not work</span>`;
  if (state.isFailing) return html`<span class="badge bad">failing</span>`;
  if (state.failing.length > 0 || state.warnings.length > 0 || state.dead !== null)
    return html`<span class="badge hint">works, with warnings</span>`;
  if (state.isUninstalled) return html`<span class="badge">not installed yet</span>`;
  return html`<span class="badge good">ok</span>`;
}

function deadBadge({ count }: DeadJobs): SafeHtml {
  return html` <span class="badge bad">dead: ${count}</span>`;
}

function findings({ isUninstalled, problem, failing, warnings, unseen, dead }: PlatformState): SafeHtml {
  const bad = [...(problem === null ? [] : [problem]), ...failing];
  if (bad.length === 0 && warnings.length === 0 && dead === null)
    return isUninstalled ? UNINSTALLED : allWell(unseen);
  return html`${bad.map((sentence) => html`<p class="notice bad">${sentence}</p>`)}${warnings.map((warning) => html`<p class="notice">${warning}</p>`)}${dead && deadOfPlatform(dead)}`;
}

function allWell(unseen: string | null): SafeHtml {
  if (unseen === null) return html`<p class="soft">Everything works.</p>`;
  return html`<p class="soft">Everything that was looked at works. ${unseen}</p>`;
}

function deadOfPlatform({ count, path }: DeadJobs): SafeHtml {
  return html`<p class="notice bad">Dead jobs: ${count}. <a href="${path}">See why</a></p>`;
}

const UNINSTALLED = html`<p class="soft">Nobody has installed the bot yet. <a href="#installations">Install it</a></p>`;
const NOT_SET_UP = html`<p class="soft">The steps are on the <a href="/">home page</a>.</p>`;

/** An installation without its tokens and secret. */
type InstallationFacts = {
  platform: PlatformName;
  platformTitle: string;
  /** The license or other tenant it is installed on. */
  account: string;
  botId: string;
  state: InstallationState;
  /** Whether its bot was found to be removed at the platform. */
  botIsGone: boolean;
  /** When the access token expires, in ms since 1970. */
  expiresAt: number;
};

/** A platform whose bot can be installed now, and the URL where that starts. */
type InstallerFacts = { title: string; tenant: string; url: string };

/** Where the bots are installed, and links to install them. */
function installationsCard(
  all: readonly InstallationFacts[],
  installers: readonly InstallerFacts[],
  now: number,
): SafeHtml {
  return html`
<section class="card" aria-labelledby="installations">
<h2 id="installations">Installations</h2>
${all.length === 0 ? NO_INSTALLATION : installationsTable(all, now)}
${installers.map(
  ({ title, tenant, url }) => html`
<p class="row"><a class="button" href="${url}">Install or reinstall on ${title}</a> <span class="soft small">Sign in at ${title} with the ${tenant} you mean. That is its word for a company’s account.</span></p>`,
)}
</section>`;
}

function installationsTable(all: readonly InstallationFacts[], now: number): SafeHtml {
  return scrolling(
    "Installations",
    html`<table>
<thead><tr><th scope="col">Platform</th><th scope="col">Account</th><th scope="col">State</th><th scope="col">Token valid until (UTC)</th><th scope="col">Bot</th></tr></thead>
<tbody>${all.map(
      ({ platform, platformTitle, account, botId, state, botIsGone, expiresAt }) => html`
<tr><td>${platformTitle}</td><th scope="row"><a href="${listPath({ ...ALL_JOBS, platform, account })}">${account}</a></th><td>${STATES[state]}${botIsGone ? goneAt(platformTitle) : null}</td><td data-label="Token valid until">${state === "ok" ? validUntil(expiresAt, now) : null}</td><td data-label="Bot"><code>${botId}</code></td></tr>`,
    )}
</tbody></table>`,
  );
}

function validUntil(expiresAt: number, now: number): SafeHtml {
  return html`${timeOf(expiresAt, now)} <span class="soft">${fromNow(expiresAt, now)}</span>`;
}

const STATES: Readonly<Record<InstallationState, SafeHtml>> = {
  ok: html`<span class="badge good">ok</span>`,
  needs_reinstall: html`<span class="badge bad">needs a reinstall</span>`,
  unreadable: html`<span class="badge bad">its tokens cannot be read</span>`,
};

function goneAt(platformTitle: string): SafeHtml {
  return html` <span class="soft">its bot agent was removed at ${platformTitle}</span>`;
}

const NO_INSTALLATION = html`<p class="soft">No bot is installed yet.</p>`;

type Hook = HookReport["hooks"][number];

type HooksFacts = { name: string; title: string; report: HookReport };

/** The webhooks of a platform's bot as last seen. */
function hooksCard({ name, title, report: { lookedAt, hooks } }: HooksFacts, now: number): SafeHtml {
  const heading = `Webhooks at ${title}`;
  return html`
<section class="card" aria-labelledby="hooks-${name}">
<h2 id="hooks-${name}">${heading}</h2>
${
  lookedAt === null
    ? html`
<p class="soft">${title} has not listed them yet. The server asks when it starts and every five minutes.</p>`
    : html`${hooks.length === 0 ? noHooks(name) : hooksTable(heading, hooks)}
<p class="soft small">Checked ${fromNow(lookedAt, now)}, and every five minutes.</p>`
}
</section>`;
}

function hooksTable(heading: string, hooks: HookReport["hooks"]): SafeHtml {
  return scrolling(
    heading,
    html`<table>
<thead><tr><th scope="col">State</th><th scope="col">Name</th><th scope="col">Target URL</th></tr></thead>
<tbody>${hooks.map(
      (hook) => html`
<tr><td>${hookState(hook)}</td><th scope="row">${hook.name}</th><td><code>${hook.targetUrl}</code></td></tr>`,
    )}
</tbody></table>`,
  );
}

function hookState({ isActive, isOurs, isElsewhere }: Hook): SafeHtml {
  if (!isActive) return html`${OFF} ${isOurs ? null : THEIRS}`;
  if (!isOurs) return THEIRS;
  return isElsewhere ? ELSEWHERE : ACTIVE;
}

const ELSEWHERE = html`<span class="badge hint">sends elsewhere</span>`;
const ACTIVE = html`<span class="badge good">active</span>`;
const OFF = html`<span class="badge bad">switched off</span>`;
const THEIRS = html`<span class="badge">another program’s</span>`;

function noHooks(name: string): SafeHtml {
  return html`
<p class="notice">The bot has none, so no messages reach it. Add them with <code>npm run webhooks -- add ${name}</code>.</p>`;
}
