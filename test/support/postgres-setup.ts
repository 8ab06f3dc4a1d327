import { tmpdir } from "node:os";
import type { TestProject } from "vitest/node";
import { type LocalPostgres, startLocalPostgres } from "../../src/demo/postgres.ts";
import { openPostgresStore } from "../../src/store/postgres/index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of the PostgreSQL of this run; a sentence instead if there is none. */
    postgres: { url: string } | { missing: string };
  }
}

/** Starts one PostgreSQL for all tests, with a database to copy. */
export default async function setup(project: TestProject) {
  let server: LocalPostgres | null = null;
  try {
    server = await startLocalPostgres({ folder: project.config.env.TMPDIR ?? tmpdir(), isSafe: false });
    await (await openPostgresStore({ url: server.url, encryptionSecretsOf: () => [] })).close();
    project.provide("postgres", { url: server.url });
  } catch (error) {
    // CI must not pass by leaving tests out.
    if (process.env.CI) throw error;
    const missing = `The tests of PostgreSQL are skipped: ${error instanceof Error ? error.message : error}`;
    console.warn(missing);
    project.provide("postgres", { missing });
  }
  return () => server?.stop();
}
