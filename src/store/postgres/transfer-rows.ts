import { z } from "zod";
import type { MovedInstallation, MovedJob } from "../transfer.ts";
import {
  movedInstallationFrom,
  movedInstallationRow,
  movedJobFrom,
  movedJobRow,
} from "../transfer-columns.ts";
import type { Value } from "./connections.ts";
import { hashOf } from "./hashes.ts";

/** Jobs in hand are waiting. */
export const JOBS = `
  SELECT seq, key, platform, lane, quota, payload, progress,
         CASE state WHEN 'working' THEN 'waiting' ELSE state END AS state, attempts, accepted_at,
         first_accepted_at, earlier_attempts,
         CASE WHEN state IN ('waiting', 'working') THEN next_attempt_at ELSE 0 END AS next_attempt_at,
         settled_at, outcome, last_error, history
  FROM chatops.jobs WHERE seq > $1 ORDER BY seq LIMIT $2`;

export const INSTALLATIONS = `
  SELECT platform, account, bot_id, lookup, credentials, sealed_with, details, obtained_at, expires_at, bot_is_current,
         needs_reinstall, bot_is_gone, webhook_url
  FROM chatops.installations WHERE (platform COLLATE "C", account) > ($1, $2)
  ORDER BY platform COLLATE "C", account LIMIT $3`;

export const HOLDS = `
  SELECT quota, reason, pause_ms, set_at, ends_at FROM chatops.holds ORDER BY quota COLLATE "C", reason COLLATE "C"`;

/** As JSON.stringify writes it; one that cannot be read is left out. */
const attemptText = z.string().transform((text) => {
  try {
    return [JSON.stringify(JSON.parse(text))];
  } catch {
    return [];
  }
});

const jobRow = movedJobRow(z.array(attemptText).transform((texts) => texts.flat()));

export function jobFrom(found: unknown): MovedJob {
  return movedJobFrom(jobRow.parse(found));
}

/** The columns of ADD_JOBS. */
export function columnsOfJobs(jobs: readonly MovedJob[]): Value[] {
  return [
    jobs.map(({ seq }) => seq),
    jobs.map(({ key }) => key),
    jobs.map(({ key }) => hashOf(key)),
    jobs.map(({ platform }) => platform),
    jobs.map(({ lane }) => lane),
    jobs.map(({ lane }) => hashOf(lane)),
    jobs.map(({ quota }) => quota),
    jobs.map(({ payload }) => payload),
    jobs.map(({ progress }) => progress),
    jobs.map(({ state }) => state),
    jobs.map(({ attempts }) => attempts),
    jobs.map(({ acceptedAt }) => acceptedAt),
    jobs.map(({ nextAttemptAt, settledAt }) => settledAt ?? nextAttemptAt),
    jobs.map(({ settledAt }) => settledAt),
    jobs.map(({ outcome }) => outcome),
    jobs.map(({ lastError }) => lastError),
    // An array of arrays would be one of PostgreSQL's matrices.
    jobs.map(({ history }) => JSON.stringify(history)),
    jobs.map(({ firstAcceptedAt }) => firstAcceptedAt),
    jobs.map(({ earlierAttempts }) => earlierAttempts),
  ];
}

const installationRow = movedInstallationRow(z.boolean());

export function installationFrom(found: unknown): MovedInstallation {
  return movedInstallationFrom(installationRow.parse(found));
}

/** In the order of INSTALLATION_COLUMNS. */
export function valuesOfInstallation(one: MovedInstallation): Value[] {
  const { platform, account, botId, lookup, credentials, sealedWith, details, obtainedAt, expiresAt } = one;
  const first = [platform, account, botId, lookup, credentials, sealedWith, details, obtainedAt, expiresAt];
  return [...first, one.botIsCurrent, one.needsReinstall, one.botIsGone, one.webhookUrl];
}
