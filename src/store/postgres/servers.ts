import { z } from "zod";
import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import { VERSION } from "../server-name.ts";
import type { ServerRecord } from "../store.ts";
import { SERVER_TIMEOUT_MS } from "./alive.ts";
import { reading } from "./commits.ts";
import type { Connections } from "./connections.ts";
import { forgetOld } from "./sharing.ts";

/** How often a server says that it is alive. Without a beat for SERVER_TIMEOUT_MS it counts as dead, and others do its jobs. */
const BEAT_EVERY_MS = 3000;
/** How long a dead server stays in the list, so that an operator sees it. */
const SHOWN_DEAD_MS = 3_600_000;

/** After a pause, of this server or of the database, it is alive only since now. */
const BEAT = `
  INSERT INTO chatops.servers AS own (name, facts, started_at, beat_at, alive_since)
  VALUES ($1, $2, chatops.now_ms(), chatops.now_ms(), chatops.now_ms())
  ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at, alive_since =
    CASE WHEN own.beat_at < excluded.beat_at - ${SERVER_TIMEOUT_MS} THEN excluded.beat_at ELSE own.alive_since END`;
/** Not while it has jobs in hand that it could not give back: once it counts as dead, others take them. */
const LEAVE = `
  DELETE FROM chatops.servers WHERE name = $1 AND NOT EXISTS (
    SELECT FROM chatops.jobs WHERE state = 'working' AND leased_by = $1)`;
const FORGET = "DELETE FROM chatops.servers WHERE beat_at < chatops.now_ms() - $1";
const LIST = `
  SELECT name, facts, started_at, beat_at, beat_at >= chatops.now_ms() - ${SERVER_TIMEOUT_MS} AS is_alive
  FROM chatops.servers ORDER BY started_at, name`;
const LEADER = `
  SELECT name FROM chatops.servers WHERE beat_at >= chatops.now_ms() - ${SERVER_TIMEOUT_MS}
  ORDER BY alive_since, name LIMIT 1`;

/** Adds up what the triggers have counted. Rows that another server is adding up, and new ones, are left. */
const ADD_UP_JOBS = `
  WITH gone AS (
    DELETE FROM chatops.job_counts WHERE id IN (SELECT id FROM chatops.job_counts LIMIT 10000 FOR UPDATE SKIP LOCKED)
    RETURNING state, platform, jobs)
  INSERT INTO chatops.job_counts (state, platform, jobs)
  SELECT state, platform, sum(jobs) FROM gone GROUP BY state, platform HAVING sum(jobs) <> 0`;
const ADD_UP_INSTALLATIONS = `
  WITH gone AS (
    DELETE FROM chatops.installation_counts WHERE id IN (
      SELECT id FROM chatops.installation_counts LIMIT 10000 FOR UPDATE SKIP LOCKED)
    RETURNING platform, needs_reinstall, sealed_with, webhook_url, installations)
  INSERT INTO chatops.installation_counts (platform, needs_reinstall, sealed_with, webhook_url, installations)
  SELECT platform, needs_reinstall, sealed_with, webhook_url, sum(installations) FROM gone
  GROUP BY 1, 2, 3, 4 HAVING sum(installations) <> 0`;

const factsText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.object({ version: z.string() }));
const leaderRow = z.object({ name: z.string() });
const serverRow = z.object({
  name: z.string(),
  facts: factsText,
  started_at: z.number(),
  beat_at: z.number(),
  is_alive: z.boolean(),
});

export async function listServers({ query }: Pick<Connections, "query">): Promise<ServerRecord[]> {
  const rows = await reading(() => query(LIST, []));
  return rows
    .map((row) => serverRow.parse(row))
    .map(({ name, facts: { version }, started_at: startedAt, beat_at: beatAt, is_alive: isAlive }) => ({
      name,
      version,
      startedAt,
      beatAt,
      isAlive,
    }));
}

export type Heartbeat = {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Whether this server is alive, and has been for longest of all. */
  leads(): boolean;
};

/** Keeps this server in the list of those that are alive, and adds up what was counted. */
export function createHeartbeat({ query }: Pick<Connections, "query">, name: string, log: Log): Heartbeat {
  const rounds = createRounds(BEAT_EVERY_MS, round);
  let lastProblem: string | null = null;
  let isLeader = false;

  async function beat(): Promise<void> {
    await query(BEAT, [name, JSON.stringify({ version: VERSION })]);
    const [leader] = await query(LEADER, []);
    isLeader = leaderRow.parse(leader).name === name;
  }

  async function round(): Promise<void> {
    try {
      await beat();
      await query(FORGET, [SHOWN_DEAD_MS]);
      await forgetOld({ query });
      await query(ADD_UP_JOBS, []);
      await query(ADD_UP_INSTALLATIONS, []);
      if (lastProblem !== null) log.info("The database answers again.");
      lastProblem = null;
    } catch (error) {
      isLeader = false;
      const problem = sentenceOf(error);
      if (lastProblem === null)
        log.error(`The database does not answer; other servers may take this one's jobs: ${problem}`);
      lastProblem = problem;
    }
  }

  return {
    leads: () => isLeader,
    async start() {
      await beat();
      rounds.start(BEAT_EVERY_MS);
    },
    async stop() {
      await rounds.stop();
      // If this fails, the others notice by the missing beat.
      await query(LEAVE, [name]).catch(() => {});
    },
  };
}
