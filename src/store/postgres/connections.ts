import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { StoreError } from "../../errors.ts";
import { isPassing, isRefusal } from "./failures.ts";
import { kept } from "./hashes.ts";

/** A value of a statement. A list becomes an array of PostgreSQL. */
export type Value =
  | string
  | number
  | boolean
  | Uint8Array
  | null
  | readonly (string | number | null | Uint8Array | boolean)[];

/** Runs one statement; resolves with its rows. */
export type Query = (sql: string, values?: readonly Value[]) => Promise<unknown[]>;

export type TransactionOptions = {
  /** Advisory locks to take first and to hold until the end. */
  locks?: Iterable<bigint>;
  /** False: a crash of the database's machine may lose it. Default: it is on the disk once it resolves. */
  isSynced?: boolean;
};

export type Connections = {
  /** One statement as a transaction of its own. It may run twice, so it must be harmless to repeat. */
  query: Query;
  /**
   * Runs the work in a transaction. If the database is away or busy, tries again for five seconds; `isRepeat` says that an
   * earlier try may have been committed, although its answer was lost. So the work changes nothing but the database.
   */
  transaction<T>(
    options: TransactionOptions,
    work: (query: Query, isRepeat: boolean) => Promise<T>,
  ): Promise<T>;
  /** A connection of its own, outside the pool, not connected yet. */
  separate(overrides?: pg.ClientConfig): pg.Client;
  /** Waits for what is under way, then closes all connections. */
  close(): Promise<void>;
};

export type ConnectionOptions = {
  /** postgres://user:password@host:port/database */
  url: string;
  /** For tests: the time in ms since 1970, in place of the database's own; null: the database's. */
  clock?: (() => number | null) | undefined;
};

/** Enough: a server has one commit of each kind under way, and a statement takes a millisecond. */
export const MOST_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5000;
/** When an answer does not come: the connection may lead nowhere. */
const ANSWER_TIMEOUT_MS = 10_000;
/** How long to go on trying while the database is away or busy, in ms, and the pause between two tries. */
const PATIENCE_MS = 5000;
const PAUSE_MS = 100;

/**
 * Limits on PostgreSQL's side, so that a server that was paused or cut off in the middle of a transaction keeps nobody
 * waiting. They are set in each transaction, not for the session, which a pooler may share.
 */
const LIMITS = `
  SET LOCAL lock_timeout = '4s'; SET LOCAL statement_timeout = '8s';
  SET LOCAL idle_in_transaction_session_timeout = '8s';`;

/**
 * Every statement goes by its indexes, and is planned once for each connection. Otherwise a plan that was made while a table
 * was small would read all of it, and be kept while a burst fills it, until PostgreSQL gathers statistics.
 */
const PLANNING = `
  SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off;`;

const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === INT8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
};

/** A pool of connections to PostgreSQL. Connects when it is first used. */
export function createConnections({ url, clock }: ConnectionOptions): Connections {
  const settings: pg.ClientConfig = {
    connectionString: url,
    application_name: "chatops-server",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A test that lets its clock jump would not wait for the answer.
    ...(clock === undefined && { query_timeout: ANSWER_TIMEOUT_MS }),
    keepAlive: true,
    types,
  };
  const pool = new pg.Pool({ ...settings, max: MOST_CONNECTIONS });
  // A connection that breaks while nobody uses it; the next use makes a new one.
  pool.on("error", () => {});
  // One that breaks while it is used: its statement fails, too. Without a listener the error would end the process.
  pool.on("connect", (client) => void client.on("error", () => {}));
  let isClosed = false;

  async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (isClosed) throw new StoreError("The database is closed.");
    const client = await pool.connect();
    try {
      if (clock) await client.query(`SET chatops.now_ms = '${clock() ?? ""}'`);
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(!isRefusal(error));
      throw error;
    }
  }

  async function inTransaction<T>(
    client: pg.PoolClient,
    { locks = [], isSynced = true }: TransactionOptions,
    work: (query: Query) => Promise<T>,
  ): Promise<T> {
    const durability = isSynced ? "" : "SET LOCAL synchronous_commit = off;";
    try {
      await client.query(`BEGIN; ${LIMITS} ${PLANNING} ${durability} ${lockAll(locks)}`);
      const result = await work(queryOn(client));
      await client.query("COMMIT");
      return result;
    } catch (error) {
      if (isRefusal(error)) await client.query("ROLLBACK");
      throw error;
    }
  }

  return {
    query: (sql, values) => patiently(() => withClient((client) => queryOn(client)(sql, values))),
    transaction: (options, work) =>
      patiently((isRepeat) =>
        withClient((client) => inTransaction(client, options, (query) => work(query, isRepeat))),
      ),
    separate: (overrides) => new pg.Client({ ...settings, ...overrides }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await pool.end();
    },
  };
}

/** Repeats the work while the database is away or busy. */
async function patiently<T>(work: (isRepeat: boolean) => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (let isRepeat = false; ; isRepeat = true) {
    try {
      return await work(isRepeat);
    } catch (error) {
      if (!isPassing(error) || performance.now() > until) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** In ascending order, so that no two transactions wait for each other. */
function lockAll(locks: Iterable<bigint>): string {
  const sorted = [...new Set(locks)].sort((a, b) => (a < b ? -1 : Number(a > b)));
  if (sorted.length === 0) return "";
  return `SELECT pg_advisory_xact_lock(one) FROM unnest('{${sorted.join(",")}}'::bigint[]) AS one`;
}

function queryOn(client: pg.ClientBase): Query {
  return async (text, values) => {
    // Statements with values are prepared once for each connection.
    if (values === undefined) return (await client.query(text)).rows;
    const { rows } = await client.query({ name: nameOf(text), text, values: values.map(encoded) });
    return rows;
  };
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `chatops_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
  names.set(text, name);
  return name;
}

function encoded(value: Value): unknown {
  if (typeof value === "string") return kept(value);
  if (Array.isArray(value)) return value.map(encoded);
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}
