import type { Request, RequestHandler } from "express";
import { Forged, Malformed } from "../errors.ts";
import { createTitles, type Titles } from "../health/titles.ts";
import type { Troubles } from "../health/troubles.ts";
import { createWaitingFor } from "../health/waiting-for.ts";
import type { Log } from "../log.ts";
import type { PlatformEntry } from "../platforms/platform.ts";
import { isSame, randomSecret } from "../secrets.ts";
import { installationState } from "../store/installation-state.ts";
import { type Installation, JOB_STATES, type JobState, type Store } from "../store/store.ts";
import type { Activity } from "./activity.ts";
import { isNotice, type NoticeName } from "./pages/jobs.ts";
import type { StatusFacts } from "./pages/status.ts";

export type StatusOptions = {
  platforms: readonly PlatformEntry[];
  store: Pick<Store, "desk" | "holds" | "installations">;
  /** What is failing or falling behind now. */
  troubles: () => Troubles;
  activity: Activity;
  /** The base URL at which browsers reach us. */
  publicUrl: string;
  /** Called after dead jobs were put back. */
  jobsPutBack: () => void;
  log: Log;
};

const JOBS_SHOWN = 50;

/** The operator's status page: `show` answers with the page, `retry` puts dead jobs back. Both may throw StoreError. */
export function createStatus(options: StatusOptions) {
  const { platforms, store, troubles, activity, publicUrl, jobsPutBack, log } = options;
  const { desk, holds, installations } = store;
  const titles = createTitles(platforms.map(({ description }) => description));
  // A browser sends the operator's password with forms of other sites too, but those do not know this token.
  const csrf = randomSecret();

  const show: RequestHandler = async ({ query }, res) => {
    const state = stateOf(query.state);
    const { outages, backlog, pauses } = troubles();
    const facts: StatusFacts = {
      now: Date.now(),
      platforms: platforms.map((entry) => factsOf(entry, outages)),
      backlog,
      pauses,
      hour: activity.lastHour(),
      jobs: {
        state,
        counts: await desk.countByState(),
        shown: await jobsToShow(state),
        notice: isNotice(query.notice) ? query.notice : null,
        csrf,
      },
      installations: (await installations.list()).map((one) => withoutSecrets(one, titles)),
      installers: platforms.flatMap((entry) => installerOf(entry, publicUrl)),
      hooks: platforms.flatMap(hooksOf),
    };
    // Loaded when it is first shown: its plot takes 15 ms of every start.
    const { statusPage } = await import("./pages/status.ts");
    res.send(statusPage(facts));
  };

  async function jobsToShow(state: JobState | null): Promise<StatusFacts["jobs"]["shown"]> {
    const jobs = await desk.list({ state, limit: JOBS_SHOWN });
    const waitingFor = createWaitingFor({
      now: Date.now(),
      holds: await holds.list(),
      titles,
      platforms: platforms.flatMap(({ platform }) => platform?.name ?? []),
    });
    return jobs.map((job) => ({
      ...job,
      platformTitle: titles.platform(job.platform),
      waitsFor: waitingFor(job),
    }));
  }

  const retry: RequestHandler = async (req, res) => {
    if (!isSame(fieldOf(req, "csrf") ?? "", csrf))
      throw new Forged("The form was sent from another site, or before the server was restarted.");
    const state = stateOf(fieldOf(req, "state"));
    const notice = await putBack(req);
    res.redirect(303, `/status?${new URLSearchParams({ ...(state && { state }), notice })}#inbox`);
  };

  async function putBack(req: Request): Promise<NoticeName> {
    const key = fieldOf(req, "key");
    if (key === null && fieldOf(req, "all") !== "dead") throw new Malformed("The form names no job.");
    const count = key === null ? await desk.retryAllDead() : Number(await desk.retry(key));
    if (count === 0) return key === null ? "none-dead" : "not-dead";
    log.info(key === null ? { jobs: count } : { job: key }, "The operator put dead jobs back.");
    jobsPutBack();
    return key === null ? "all-retried" : "retried";
  }

  return { show, retry };
}

function stateOf(value: unknown): JobState | null {
  return JOB_STATES.find((state) => state === value) ?? null;
}

/** A field of the form; null if it is missing or appears twice. */
function fieldOf({ body }: Request, name: string): string | null {
  const value: unknown = body?.[name];
  return typeof value === "string" ? value : null;
}

function factsOf(
  { description: { name, title }, platform }: PlatformEntry,
  outages: Troubles["outages"],
): StatusFacts["platforms"][number] {
  if (platform === null) return { title, state: null };
  const own = outages.filter((outage) => outage.platform === name);
  return {
    title,
    state: {
      problem: platform.problem(),
      isFailing: own.some(({ isWhole }) => isWhole),
      failing: own.map(({ sentence }) => `${sentence}.`),
      warnings: platform.warnings(),
    },
  };
}

function withoutSecrets(installation: Installation, titles: Titles): StatusFacts["installations"][number] {
  const { platform, account, botId, botIsGone, expiresAt } = installation;
  const state = installationState(installation);
  return { platformTitle: titles.platform(platform), account, botId, botIsGone, expiresAt, state };
}

function installerOf(
  { description: { title, install }, platform }: PlatformEntry,
  publicUrl: string,
): StatusFacts["installers"] {
  if (install === null || !platform?.installer) return [];
  return [{ title, tenant: install.tenant, url: `${publicUrl}${install.startPath}` }];
}

function hooksOf({ description: { name, title }, platform }: PlatformEntry): StatusFacts["hooks"] {
  const report = platform?.hooks?.();
  return report ? [{ name, title, report }] : [];
}
