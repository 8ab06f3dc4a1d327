import type pg from "pg";
import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { INSTALLATION_COLUMNS } from "../installation-columns.ts";
import type { Content, MoveSource, MoveTarget } from "../transfer.ts";
import { holdFrom } from "../transfer-columns.ts";
import { reading, writing } from "./commits.ts";
import type { Connections, Query } from "./connections.ts";
import { MOVE_LOCK, placeOf, readMark, removeMark, writeMark } from "./marks.ts";
import { connect, type OpenOptions, unusable } from "./opening.ts";
import { listServers } from "./servers.ts";
import {
  columnsOfJobs,
  HOLDS,
  INSTALLATIONS,
  installationFrom,
  JOBS,
  jobFrom,
  valuesOfInstallation,
} from "./transfer-rows.ts";
import { rebuildTurns } from "./turns.ts";

/** For statements that read or change everything, in ms. */
const LONGEST_STATEMENT_MS = 3_600_000;
const LOCK_NOT_AVAILABLE = "55P03";
/** Neither servers nor commands change these while they are read. */
const READ_LOCK = "LOCK TABLE chatops.jobs, chatops.installations, chatops.holds IN SHARE MODE";

const COUNT = "SELECT count(*) AS jobs FROM chatops.jobs";
/** Which job is the head of its lane is computed anew (SET_HEADS), so whatever stands here is only a guess. */
const ADD_JOBS = `
  INSERT INTO chatops.jobs
    (seq, key, key_hash, platform, lane, lane_hash, quota, payload, progress, state, attempts, accepted_at,
     next_attempt_at, settled_at, outcome, last_error, history, first_accepted_at, earlier_attempts, is_first)
  OVERRIDING SYSTEM VALUE
  SELECT seq, key, key_hash, platform, lane, lane_hash, quota, payload, progress, state, attempts, accepted_at,
         next_attempt_at, settled_at, outcome, last_error,
         ARRAY(SELECT value FROM jsonb_array_elements_text(history::jsonb) WITH ORDINALITY AS a (value, place)
               ORDER BY place),
         first_accepted_at, earlier_attempts, true
  FROM unnest(
    $1::bigint[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::integer[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::text[], $17::text[],
    $18::bigint[], $19::integer[])
    AS g (seq, key, key_hash, platform, lane, lane_hash, quota, payload, progress, state, attempts, accepted_at,
          next_attempt_at, settled_at, outcome, last_error, history, first_accepted_at, earlier_attempts)
  ON CONFLICT DO NOTHING`;
const ADD_INSTALLATION = `
  INSERT INTO chatops.installations (${INSTALLATION_COLUMNS})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`;
const ADD_HOLD = `
  INSERT INTO chatops.holds (quota, reason, pause_ms, set_at, ends_at)
  VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`;

const SET_HEADS = `
  UPDATE chatops.jobs SET is_first = NOT is_first
  FROM (
    SELECT seq, row_number() OVER (PARTITION BY lane_hash ORDER BY seq) = 1 AS is_head
    FROM chatops.jobs WHERE state IN ('waiting', 'working')) AS known
  WHERE jobs.seq = known.seq AND is_first <> is_head`;
/** The next job gets a number that no job had, as if all had been accepted here. */
const NUMBER_ON = `
  SELECT setval('chatops.jobs_seq_seq', greatest((SELECT max(seq) FROM chatops.jobs), last_value))
  FROM chatops.jobs_seq_seq`;

const countRow = z.object({ jobs: z.number() });

/** One transaction, open as long as nobody else may write. */
type Hold = {
  query: Query;
  /** Commits what was done in it. */
  commit(): Promise<void>;
  /** Undoes it, unless it was committed. */
  close(): Promise<void>;
};

/** Opens a database from which everything is moved, and lets nobody write to it. Throws ConfigError. */
export async function openMoveSource(options: OpenOptions): Promise<MoveSource> {
  const { hold, ...content } = await openContent(options, [MOVE_LOCK, READ_LOCK]);
  return {
    ...content,
    leave: (mark) =>
      writing(async () => {
        await writeMark(hold.query, mark);
        await hold.commit();
      }),
  };
}

/** Opens a database to which everything is moved, and lets no server start on it. Throws ConfigError. */
export async function openMoveTarget(options: OpenOptions): Promise<MoveTarget> {
  const { hold, connections, ...content } = await openContent(options, [MOVE_LOCK]);
  const { query, transaction } = connections;
  return {
    ...content,
    howToEmpty: "delete its schema (DROP SCHEMA chatops CASCADE)",
    enter: (mark) => writing(() => transaction({}, (inside) => writeMark(inside, mark))),
    addJobs: async (jobs) => {
      await writing(() => query(ADD_JOBS, columnsOfJobs(jobs)));
    },
    addInstallations: (installations) =>
      writing(() =>
        transaction({}, async (inside) => {
          for (const one of installations) await inside(ADD_INSTALLATION, valuesOfInstallation(one));
        }),
      ),
    addHolds: (holds) =>
      writing(() =>
        transaction({}, async (inside) => {
          for (const { quota, reason, pauseMs, setAt, endsAt } of holds)
            await inside(ADD_HOLD, [quota, reason, pauseMs, setAt, endsAt]);
        }),
      ),
    finish: () =>
      writing(async () => {
        for (const sql of [SET_HEADS, NUMBER_ON]) await hold.query(sql);
        await rebuildTurns(hold.query);
        await removeMark(hold.query);
        await hold.commit();
      }),
  };
}

/** Takes the mark off, so that servers use the database again; false: it was not moved. Throws ConfigError. */
export async function reopenMoved(options: OpenOptions): Promise<boolean> {
  const connections = await connect({ ...options, mayBeMarked: true });
  try {
    return await writing(() =>
      connections.transaction({}, async (query) => {
        if ((await readMark(query))?.kind !== "moved") return false;
        await removeMark(query);
        return true;
      }),
    );
  } finally {
    await connections.close();
  }
}

async function openContent(options: OpenOptions, locks: readonly string[]) {
  const connections = await connect({ ...options, mayBeMarked: true });
  const { query } = connections;
  const place = placeOf(options.url);
  const hold = createHold(connections.separate({ query_timeout: LONGEST_STATEMENT_MS }));
  async function close(): Promise<void> {
    await hold.close();
    await connections.close();
  }
  try {
    await hold.begin(locks);
    await verifyNoServer(connections, place);
    return { ...createContent(query, place, await readMark(query)), connections, hold, close };
  } catch (error) {
    await close();
    throw error instanceof ConfigError ? error : refusalOf(error, place);
  }
}

function refusalOf(error: unknown, place: string): ConfigError {
  const isLocked = error instanceof Error && "code" in error && error.code === LOCK_NOT_AVAILABLE;
  if (!isLocked) return unusable(error);
  return new ConfigError(
    `DATABASE_URL: another program keeps tables of ${place} locked, perhaps another npm run migrate-store. Wait until it has ended, then run this command again.`,
  );
}

function createHold(client: pg.Client): Hold & { begin(locks: readonly string[]): Promise<void> } {
  let broken: Error | null = null;
  let isConnected = false;
  client.on("error", (error) => {
    broken = error;
  });
  const query: Query = async (sql, values) => {
    if (broken !== null) throw broken;
    return (await client.query(sql, values && [...values])).rows;
  };
  return {
    query,
    async begin(locks) {
      await client.connect();
      isConnected = true;
      await query(
        "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '4s'",
      );
      for (const lock of locks) await query(lock);
    },
    commit: async () => {
      await query("COMMIT");
    },
    async close() {
      // Otherwise the locks would last until the database notices that the connection has ended.
      if (isConnected) await query("ROLLBACK").catch(() => {});
      await client.end().catch(() => {});
    },
  };
}

/** Throws ConfigError, naming them. Call it while they cannot enter themselves. */
async function verifyNoServer(connections: Connections, place: string): Promise<void> {
  const alive = (await listServers(connections)).filter(({ isAlive }) => isAlive).map(({ name }) => name);
  if (alive.length === 0) return;
  throw new ConfigError(
    `DATABASE_URL: servers are running on ${place}: ${alive.join(", ")}. Stop them first. A server that was killed counts as running for 15 s.`,
  );
}

function createContent(query: Query, place: string, mark: Content["mark"]): Omit<Content, "close"> {
  const count = async () => countRow.parse((await query(COUNT, []))[0]).jobs;
  return {
    place,
    mark,
    countJobs: () => reading(count),
    jobs: (after, limit) =>
      reading(async () => (await query(JOBS, [after ?? Number.MIN_SAFE_INTEGER, limit])).map(jobFrom)),
    installations: (after, limit) =>
      reading(async () => {
        const { platform, account } = after ?? { platform: "", account: "" };
        return (await query(INSTALLATIONS, [platform, account, limit])).map(installationFrom);
      }),
    holds: () => reading(async () => (await query(HOLDS, [])).map(holdFrom)),
  };
}
