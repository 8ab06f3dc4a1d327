import { tmpdir } from "node:os";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { type LocalPostgres, startLocalPostgres } from "../../src/demo/postgres.ts";
import { openPostgresStore } from "../../src/store/postgres/index.ts";

type RunningPostgres = Pick<LocalPostgres, "url" | "stop">;

declare module "vitest" {
  interface ProvidedContext {
    /** Of the PostgreSQL of this run; a sentence instead if there is none. */
    postgres: { url: string } | { missing: string };
  }
}

/**
 * Starts one PostgreSQL for all tests, with a database to copy. Says why its tests are skipped, if they are. With
 * POSTGRES_TESTS=required that is a failure.
 */
export default async function setup(project: TestProject) {
  let server: RunningPostgres | null = null;
  try {
    const { TEST_POSTGRES_URL: given } = process.env;
    server = given
      ? await useGiven(given)
      : await startLocalPostgres({ folder: project.config.env.TMPDIR ?? tmpdir(), isSafe: false });
    await (await openPostgresStore({ url: server.url, encryptionSecretsOf: () => [] })).close();
    project.provide("postgres", { url: server.url });
  } catch (error) {
    if (process.env.POSTGRES_TESTS === "required") throw error;
    const missing = `The tests of PostgreSQL are skipped: ${error instanceof Error ? error.message : error}`;
    console.warn(missing);
    project.provide("postgres", { missing });
  }
  return () => server?.stop();
}

/** Another PostgreSQL than the one that npm brings, e.g. of another version: the URL of a database for its superuser. */
async function useGiven(url: string): Promise<RunningPostgres> {
  const admin = new URL(url);
  admin.pathname = "/postgres";
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  await client.query("DROP DATABASE IF EXISTS chatops WITH (FORCE)");
  await client.query("CREATE DATABASE chatops TEMPLATE template0");
  await client.end();
  admin.pathname = "/chatops";
  return { url: admin.href, stop: async () => {} };
}
