import { html, type SafeHtml } from "@remix-run/html-template";
import { timeOf } from "../../pages/times.ts";
import type { LastHour } from "../activity.ts";
import { operatorPage } from "./operator.ts";
import { type HooksFacts, hooksCard } from "./status/hooks.ts";
import { hourCard } from "./status/hour.ts";
import { type InstallationFacts, type InstallerFacts, installationsCard } from "./status/installations.ts";
import { type JobsFacts, jobsCard } from "./status/jobs-card.ts";
import { type PlatformFacts, platformCard } from "./status/platforms.ts";

/** Nothing in them is secret. Times in ms since 1970. */
export type StatusFacts = {
  now: number;
  platforms: readonly PlatformFacts[];
  /** That jobs have waited for too long; null: none has. */
  backlog: string | null;
  pauses: readonly string[];
  hour: LastHour;
  jobs: JobsFacts;
  installations: readonly InstallationFacts[];
  installers: readonly InstallerFacts[];
  hooks: readonly HooksFacts[];
};

const REFRESH_MS = 5000;

/** How all stands, for the operator. */
export function statusPage({ now, platforms, backlog, pauses, hour, jobs, ...facts }: StatusFacts) {
  const { installations, installers, hooks } = facts;
  const content = html`
<p class="soft">As of ${timeOf(now, now)} UTC. The page keeps itself up to date.</p>
${jobs.counts.dead > 0 ? deadJobs(jobs.counts.dead) : null}
${backlog && html`<p class="notice">${backlog}. <a href="/status?state=waiting#inbox">See what they wait for</a></p>`}
${pauses.map((pause) => html`<p class="notice">${pause}</p>`)}
<div class="cards">${platforms.map(platformCard)}
</div>
${hourCard(hour, now)}
${installationsCard(installations, installers, now)}
${hooks.map((one) => hooksCard(one, now))}
${jobsCard(jobs, now)}`;
  return operatorPage("/status", { title: "Status", content, isWide: true, live: { refreshMs: REFRESH_MS } });
}

/** At the top, since the jobs come last on the page. */
function deadJobs(count: number): SafeHtml {
  const words = count === 1 ? "One job is dead" : `${count} jobs are dead`;
  return html`
<p class="notice bad">${words}: given up, and waiting for you. <a href="/status?state=dead#inbox">See why</a></p>`;
}
