import type { RequestHandler } from "express";
import { NoSuchJob } from "../errors.ts";
import type { DatabaseWatch } from "../health/database-watch.ts";
import { createNextStep } from "../health/next-step.ts";
import { createTitles, type Titles } from "../health/titles.ts";
import type { Troubles } from "../health/troubles.ts";
import { createWaitingFor, type Surroundings } from "../health/waiting-for.ts";
import type { Log } from "../log.ts";
import type { PlatformEntry } from "../platforms/platform.ts";
import { hmacHex } from "../secrets.ts";
import { installationState } from "../store/installation-state.ts";
import type { Installation, Store } from "../store/store.ts";
import type { Activity } from "./activity.ts";
import { type DeadJobs, deadJobsOf } from "./dead-jobs.ts";
import { createJobActions } from "./job-actions.ts";
import { readJobsPage } from "./job-list.ts";
import { readJobsQuery } from "./jobs-query.ts";
import { isNotice } from "./pages/forms.ts";
import type { StatusFacts } from "./pages/status.ts";

export type StatusOptions = {
  platforms: readonly PlatformEntry[];
  store: Pick<Store, "desk" | "holds" | "installations" | "servers">;
  database: Pick<DatabaseWatch, "check">;
  /** What is failing or falling behind now. */
  troubles: () => Troubles;
  activity: Activity;
  /** The base URL at which browsers reach us. */
  publicUrl: string;
  /** Signs what browsers bring back; the same on all servers. */
  signingKey: string;
  /** Called after dead jobs were put back. */
  jobsPutBack: () => void;
  log: Log;
};

/**
 * The operator's pages about the server: `show` answers with the status page, `job` with that of one job, and `retry` and
 * `drop` do what their forms ask for. Each may throw StoreError.
 */
export function createStatus(options: StatusOptions) {
  const { platforms, store, troubles, activity, publicUrl, signingKey, jobsPutBack, log } = options;
  const { check: checkDatabase } = options.database;
  const { desk, holds, installations, servers } = store;
  const titles = createTitles(platforms.map(({ description }) => description));
  const names = platforms.map(({ description }) => description.name);
  // A browser sends the operator's password with forms of other sites too, but those do not know this token.
  const csrf = hmacHex("sha256", signingKey, Buffer.from("forms of the operator"));

  const show: RequestHandler = async ({ query }, res) => {
    const { outages, backlog, pauses } = troubles();
    const database = await checkDatabase();
    const all = await installations.list();
    const facts: StatusFacts = {
      now: Date.now(),
      platforms: await Promise.all(
        platforms.map(async (entry) =>
          factsOf(entry, {
            outages,
            database,
            dead: await deadJobsOf(desk, entry.description.name),
            installations: all,
          }),
        ),
      ),
      database,
      backlog,
      pauses,
      hour: await activity.lastHour(),
      servers: { own: servers.own, all: await servers.list() },
      jobs: await jobsFacts(query),
      installations: all.map((one) => withoutSecrets(one, titles)),
      installers: platforms.flatMap((entry) => installerOf(entry, publicUrl)),
      hooks: platforms.flatMap(hooksOf),
    };
    // Loaded when it is first shown: its plot takes 15 ms of every start.
    const { statusPage } = await import("./pages/status.ts");
    res.send(statusPage(facts));
  };

  async function jobsFacts(given: Readonly<Record<string, unknown>>): Promise<StatusFacts["jobs"]> {
    const query = readJobsQuery((name) => textOf(given[name]), names);
    const { jobs, newer, older } = await readJobsPage(desk, titles, query);
    const counts = await desk.countByState();
    const countsShown = query.platform === null ? counts : await desk.countByState(query.platform);
    const waitingFor = createWaitingFor(await surroundings());
    const shown = jobs.map((job) => ({
      ...job,
      platformTitle: titles.platform(job.platform),
      waitsFor: waitingFor(job),
    }));
    return {
      query,
      counts,
      // An account's jobs would have to be counted one by one.
      countsShown: query.account === null ? countsShown : null,
      shown,
      newer,
      older,
      platforms: platforms.map(({ description: { name, title } }) => ({ name, title })),
      tenants: titles.tenants(),
      notice: isNotice(given.notice) ? given.notice : null,
      csrf,
    };
  }

  async function surroundings(): Promise<Surroundings> {
    const isSetUp = platforms.flatMap(({ platform }) => platform?.name ?? []);
    const isWritable = (await checkDatabase()) === null;
    return { now: Date.now(), holds: await holds.list(), titles, platforms: isSetUp, isWritable };
  }

  const job: RequestHandler = async ({ params, query }, res) => {
    const found = await desk.find(textOf(params.key) ?? "");
    if (found === null) throw new NoSuchJob("There is no job with this key.");
    const around = await surroundings();
    // Loaded when it is first shown, like the status page.
    const { jobPage } = await import("./pages/job.ts");
    res.send(
      jobPage({
        now: around.now,
        database: await checkDatabase(),
        job: found,
        platformTitle: titles.platform(found.platform),
        tenant: titles.tenant(found.quota),
        next: createNextStep(around)(found),
        notice: isNotice(query.notice) ? query.notice : null,
        csrf,
      }),
    );
  };

  return { show, job, ...createJobActions({ desk, platforms: names, csrf, jobsPutBack, log }) };
}

/** null: it is missing, or given twice. */
function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

type Around = {
  outages: Troubles["outages"];
  database: string | null;
  dead: DeadJobs | null;
  /** Of all platforms. */
  installations: readonly Installation[];
};

function factsOf(
  { description: { name, title }, platform }: PlatformEntry,
  { outages, database, dead, installations }: Around,
): StatusFacts["platforms"][number] {
  if (platform === null) return { title, state: null };
  const own = outages.filter((outage) => outage.platform === name);
  const states = installations.filter((one) => one.platform === name).map(installationState);
  return {
    title,
    state: {
      isUninstalled: platform.installer !== undefined && states.length === 0,
      problem: platform.problem() ?? (database === null ? null : CANNOT_KEEP),
      isFailing: own.some(({ isWhole }) => isWhole),
      isBroken: states.length > 0 && !states.includes("ok"),
      failing: own.map(({ sentence }) => `${sentence}.`),
      warnings: platform.warnings(),
      unseen: platform.unseen?.() ?? null,
      dead,
    },
  };
}

const CANNOT_KEEP = "The database cannot be written, so its deliveries are answered 503, and its jobs wait.";

function withoutSecrets(installation: Installation, titles: Titles): StatusFacts["installations"][number] {
  const { platform, account, botId, botIsGone, expiresAt } = installation;
  const state = installationState(installation);
  return { platform, platformTitle: titles.platform(platform), account, botId, botIsGone, expiresAt, state };
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
