import { z } from "zod";
import { LATEST_DATE } from "../job-columns.ts";
import type { MovedInstallation, MovedJob } from "../transfer.ts";
import {
  movedInstallationFrom,
  movedInstallationRow,
  movedJobFrom,
  movedJobRow,
} from "../transfer-columns.ts";

/** As wholeMs (installation-columns.ts): an odd time, left by damage, must not keep a row from being moved. */
const moment = (column: string) => `max(min(${column}, ${LATEST_DATE}), 0)`;
const MOST_ATTEMPTS = 2_147_483_647;

const SHARED = `seq, key, platform, lane, quota, payload, progress, min(attempts, ${MOST_ATTEMPTS}) AS attempts,
         ${moment("accepted_at")} AS accepted_at, ${moment("first_accepted_at")} AS first_accepted_at,
         min(earlier_attempts, ${MOST_ATTEMPTS}) AS earlier_attempts`;

/** Jobs in hand are waiting. Both tables are read in order by their primary keys. */
export const JOBS = `
  SELECT ${SHARED}, 'waiting' AS state, ${moment("next_attempt_at")} AS next_attempt_at, NULL AS settled_at, NULL AS outcome,
         last_error, history
  FROM jobs WHERE seq > :after
  UNION ALL
  SELECT ${SHARED}, state, 0 AS next_attempt_at, ${moment("settled_at")} AS settled_at, outcome, last_error, history
  FROM settled WHERE seq > :after
  ORDER BY seq LIMIT :limit`;

export const INSTALLATIONS = `
  SELECT platform, account, bot_id, lookup, credentials, sealed_with, details, ${moment("obtained_at")} AS obtained_at,
         ${moment("expires_at")} AS expires_at, bot_is_current <> 0 AS bot_is_current,
         needs_reinstall <> 0 AS needs_reinstall, bot_is_gone <> 0 AS bot_is_gone, webhook_url
  FROM installations WHERE (platform, account) > (:platform, :account) ORDER BY platform, account LIMIT :limit`;

export const HOLDS = "SELECT quota, reason, pause_ms, set_at, ends_at FROM holds ORDER BY quota, reason";

/** A history that cannot be read is empty, as for the next attempt of the job. */
const historyTexts = z.string().transform((text) => {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.map((attempt) => JSON.stringify(attempt)) : [];
  } catch {
    return [];
  }
});

const jobRow = movedJobRow(historyTexts);

export function jobFrom(found: unknown): MovedJob {
  return movedJobFrom(jobRow.parse(found));
}

/** In the order of the columns of ADD_UNSETTLED. */
export function valuesOfUnsettled(job: MovedJob) {
  const { seq, key, platform, lane, quota, payload, progress, attempts, acceptedAt, nextAttemptAt } = job;
  const first = [seq, key, platform, lane, quota, payload, progress, attempts, acceptedAt];
  return [...first, nextAttemptAt, job.lastError, historyOf(job), job.firstAcceptedAt, job.earlierAttempts];
}

/** In the order of the columns of ADD_SETTLED. */
export function valuesOfSettled(job: MovedJob) {
  const { seq, key, platform, lane, quota, payload, progress, attempts, acceptedAt, settledAt } = job;
  const first = [seq, key, platform, lane, quota, payload, progress, attempts, acceptedAt];
  const last = [historyOf(job), job.firstAcceptedAt, job.earlierAttempts];
  return [...first, job.state, settledAt, job.outcome, job.lastError, ...last];
}

function historyOf({ history }: MovedJob): string {
  return `[${history.join(",")}]`;
}

const installationRow = movedInstallationRow(z.number().transform((value) => value !== 0));

export function installationFrom(found: unknown): MovedInstallation {
  return movedInstallationFrom(installationRow.parse(found));
}

/** The named values of ADD_INSTALLATION. */
export function valuesOfInstallation(installation: MovedInstallation) {
  return {
    ...installation,
    botIsCurrent: Number(installation.botIsCurrent),
    needsReinstall: Number(installation.needsReinstall),
    botIsGone: Number(installation.botIsGone),
  };
}
