import type { Config } from "../../config/config.ts";
import { ConfigError, StoreError } from "../../errors.ts";
import { backlogSentence, longPauses } from "../../health/sentences.ts";
import { createTitles } from "../../health/titles.ts";
import type { PlatformName } from "../../job.ts";
import { DESCRIPTIONS } from "../../platforms/list.ts";
import { platformPauseName, type Store } from "../../store/store.ts";
import { hasStore } from "../../stores.ts";
import { withStore } from "../open-store.ts";
import { type Finding, waitFor, warning } from "./finding.ts";

const MOST_NAMED = 5;
const titles = createTitles(DESCRIPTIONS);

/** Checks whether jobs are dead or wait too long: a backlog, platforms that are failing, and long pauses. */
export async function checkJobs(config: Config): Promise<Finding[]> {
  if (!hasStore(config)) return [];
  try {
    return await withStore(config, async (store) => [
      ...(await checkDead(store)),
      ...(await checkBacklog(store)),
      ...(await checkPauses(store)),
      ...(await checkAskedPauses(store)),
    ]);
  } catch (error) {
    // The check of the database reports it.
    if (error instanceof ConfigError || error instanceof StoreError) return [];
    throw error;
  }
}

async function checkDead({ desk }: Store): Promise<Finding[]> {
  const { dead } = await desk.countByState();
  return dead === 0 ? [] : [warning("jobs", `dead: ${dead}`, "npm run inbox -- list --state dead")];
}

async function checkBacklog({ desk }: Store): Promise<Finding[]> {
  const backlog = await backlogSentence(desk);
  return backlog === null ? [] : [warning("jobs", backlog, "npm run inbox -- list --state waiting")];
}

async function checkAskedPauses({ holds }: Store): Promise<Finding[]> {
  return longPauses(await holds.list(), titles, Date.now()).map(({ says, todo }) =>
    warning("pauses", says, todo ?? "npm run inbox -- list --state waiting"),
  );
}

/** The server pauses between probes of a failing platform. A pause counts only if jobs are waiting for its end. */
async function checkPauses({ desk, holds }: Store): Promise<Finding[]> {
  const failing = (await holds.list()).filter(({ reason }) => reason === "failing").map(({ quota }) => quota);
  const waiting = await desk.countUnsettled();
  const whole = DESCRIPTIONS.map(({ name }) => name).filter(
    (name) => failing.includes(platformPauseName(name)) && (waiting[name] ?? 0) > 0,
  );
  const tenants: Finding[] = [];
  for (const quota of failing) {
    const platform = titles.platformOf(quota);
    if (!platform || whole.includes(platform) || (await desk.countUnsettledLanes(quota, 1)) === 0) continue;
    tenants.push(failingJobs(platform, `calls for ${titles.quota(quota)} are failing`));
    if (tenants.length === MOST_NAMED) break;
  }
  return [
    ...whole.map((name) =>
      failingJobs(name, `${titles.platform(name)} is failing; jobs waiting: ${waiting[name]}`),
    ),
    ...tenants,
  ];
}

function failingJobs(platform: PlatformName, says: string): Finding {
  return warning("jobs", says, waitFor(titles.platform(platform), null));
}
