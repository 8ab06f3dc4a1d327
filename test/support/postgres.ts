import pg from "pg";
import { inject, onTestFinished, vi } from "vitest";
import { openPostgresStore } from "../../src/store/postgres/index.ts";
import type { Store } from "../../src/store/store.ts";

/** Whether a real PostgreSQL runs beside these tests. */
export function hasPostgres(): boolean {
  return "url" in inject("postgres");
}

/** Whether programs that start a PostgreSQL of their own can do so here. If these tests use another one, nobody has tried. */
export function canStartPostgres(): boolean {
  return hasPostgres() && !process.env.TEST_POSTGRES_URL;
}

function serverUrl(): URL {
  const found = inject("postgres");
  if (!("url" in found)) throw new Error(found.missing);
  return new URL(found.url);
}

let made = 0;

/** The URL of a database of its own, that does not exist yet. */
export function newPostgresUrl(): string {
  made += 1;
  const url = serverUrl();
  url.pathname = `/test_${process.pid}_${made}`;
  return url.href;
}

const databases = new Map<string, Promise<void>>();

/** Makes the database, as a copy of one in which nothing is yet, unless it exists; it is dropped when the test is finished. */
export function makeDatabase(url: string): Promise<void> {
  return makeFrom(url, "chatops");
}

/** A database in which no release has been. */
export function makeEmptyDatabase(url: string): Promise<void> {
  return makeFrom(url, "template0");
}

function makeFrom(url: string, template: string): Promise<void> {
  const known = databases.get(url);
  if (known !== undefined) return known;
  const name = new URL(url).pathname.slice(1);
  const making = run(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  databases.set(url, making);
  onTestFinished(() => run(`DROP DATABASE ${name} WITH (FORCE)`));
  return making;
}

function run(sql: string): Promise<void> {
  return administer(async (client) => {
    await client.query(sql);
  });
}

/** Runs the work on a connection to the server's own database. */
export async function administer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = serverUrl();
  url.pathname = "/postgres";
  return withClient(url.href, work);
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A store on the database, closed when the test is finished. While the test stops the clock, the database's clock stops. */
export async function openTestPostgres(url: string, ...secrets: readonly string[]): Promise<Store> {
  await makeDatabase(url);
  const encryptionSecrets = secrets.length === 0 ? ["client-secret-invented"] : secrets;
  const store = await openPostgresStore({
    url,
    encryptionSecretsOf: () => encryptionSecrets,
    clock: () => (vi.isFakeTimers() ? Date.now() : null),
  });
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}
