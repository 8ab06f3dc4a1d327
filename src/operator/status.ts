import type { Request, RequestHandler } from "express";
import { Forged, Malformed } from "../errors.ts";
import type { Troubles } from "../health/troubles.ts";
import { createWaitingFor } from "../health/waiting-for.ts";
import type { Log } from "../log.ts";
import type { HookReport, Platform } from "../platforms/platform.ts";
import { isSame, randomSecret } from "../secrets.ts";
import { installationState } from "../store/installation-state.ts";
import {
  type AllInstallations,
  type Holds,
  type InboxDesk,
  type Installation,
  JOB_STATES,
  type JobState,
} from "../store/store.ts";
import type { Activity } from "./activity.ts";
import { isNotice, type NoticeName } from "./pages/status/notices.ts";
import { type StatusFacts, statusPage } from "./pages/status.ts";

export type StatusOptions = {
  /** null: switched off. */
  platforms: { "chat.io": Platform | null; Webex: Platform | null };
  webex: { hooks: () => HookReport } | null;
  desk: InboxDesk;
  holds: Holds;
  installations: AllInstallations;
  /** What fails or falls behind now. */
  troubles: () => Troubles;
  activity: Activity;
  /** Where browsers reach us. */
  publicUrl: string;
  /** Called once a job was put back. */
  nudge: () => void;
  log: Log;
};

const JOBS_SHOWN = 50;

/** The operator's status page: `show` is how all stands, `retry` puts dead jobs back. Both may throw StoreError. */
export function createStatus(options: StatusOptions) {
  const { platforms, webex, desk, installations, troubles, activity, publicUrl, nudge, log } = options;
  // A browser sends the operator's password along with forms of other sites, too; those do not know this.
  const csrf = randomSecret();

  const show: RequestHandler = async ({ query }, res) => {
    const state = stateOf(query.state);
    const { outages, backlog, pauses } = troubles();
    const facts: StatusFacts = {
      now: Date.now(),
      platforms: Object.entries(platforms).map(([name, platform]) => factsOf(name, platform, outages)),
      backlog,
      pauses,
      hour: activity.lastHour(),
      inbox: {
        state,
        counts: await desk.countByState(),
        jobs: await jobsToShow(state),
        notice: isNotice(query.notice) ? query.notice : null,
        csrf,
      },
      installations: (await installations.list()).map(withoutSecrets),
      installUrl: platforms["chat.io"] ? `${publicUrl}/install` : null,
      hooks: webex?.hooks() ?? null,
    };
    res.send(statusPage(facts));
  };

  async function jobsToShow(state: JobState | null): Promise<StatusFacts["inbox"]["jobs"]> {
    const jobs = await desk.list({ state, limit: JOBS_SHOWN });
    const setUp = Object.values(platforms).flatMap((platform) => platform?.name ?? []);
    const waitingFor = createWaitingFor({
      now: Date.now(),
      holds: await options.holds.list(),
      platforms: setUp,
    });
    return jobs.map((job) => ({ ...job, waitsFor: waitingFor(job) }));
  }

  const retry: RequestHandler = async (req, res) => {
    if (!isSame(fieldOf(req, "csrf") ?? "", csrf))
      throw new Forged(
        "The form was sent from another page, or from one of before the server was restarted.",
      );
    const state = stateOf(fieldOf(req, "state"));
    const notice = await putBack(req);
    res.redirect(303, `/status?${new URLSearchParams({ ...(state && { state }), notice })}#inbox`);
  };

  async function putBack(req: Request): Promise<NoticeName> {
    const key = fieldOf(req, "key");
    if (key === null && fieldOf(req, "all") !== "dead") throw new Malformed("The form names no job.");
    const count = key === null ? await desk.retryAllDead() : Number(await desk.retry(key));
    if (count === 0) return key === null ? "none-dead" : "not-dead";
    log.info(key === null ? { jobs: count } : { job: key }, "Put back by the operator.");
    nudge();
    return key === null ? "all-retried" : "retried";
  }

  return { show, retry };
}

function stateOf(value: unknown): JobState | null {
  return JOB_STATES.find((state) => state === value) ?? null;
}

/** A field of the form; null where it is missing, or there twice. */
function fieldOf({ body }: Request, name: string): string | null {
  const value: unknown = body?.[name];
  return typeof value === "string" ? value : null;
}

function factsOf(
  name: string,
  platform: Platform | null,
  outages: Troubles["outages"],
): StatusFacts["platforms"][number] {
  if (platform === null) return { name, state: null };
  const own = outages.filter((outage) => outage.platform === platform.name);
  return {
    name,
    state: {
      problem: platform.problem(),
      isFailing: own.some(({ isWhole }) => isWhole),
      failing: own.map(({ sentence }) => `${sentence}.`),
      warnings: platform.warnings(),
    },
  };
}

function withoutSecrets(installation: Installation): StatusFacts["installations"][number] {
  const { platform, account, botId, botIsGone, expiresAt } = installation;
  return { platform, account, botId, botIsGone, expiresAt, state: installationState(installation) };
}
