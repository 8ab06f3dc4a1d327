import { once } from "node:events";
import { expect } from "vitest";
import { deliverMessage } from "./deliveries.ts";
import { asOperator, PASSWORD } from "./operator.ts";
import { addressOf, startProcess } from "./process.ts";
import { startRefusal, startTestServer, type TestServer } from "./server.ts";
import { UNREACHABLE_WEBEX } from "./settings.ts";

export const SETTINGS = { ...UNREACHABLE_WEBEX, ADMIN_PASSWORD: PASSWORD };

/** The keys of so many deliveries, each of which must be answered 200. */
export async function deliverKept(url: string, count: number): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => deliverMessage(url)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  return answers.map(({ key }) => key);
}

/** The server as a process of its own on the database file. */
export async function startServerOn(path: string) {
  const server = startProcess({ environment: { ...SETTINGS, DATABASE_URL: `file:${path}` } });
  const url = await addressOf(server);
  async function end(signal: NodeJS.Signals): Promise<void> {
    server.child.kill(signal);
    if (server.child.exitCode === null && server.child.signalCode === null) await once(server.child, "exit");
  }
  return {
    url,
    log: server.stdout,
    /** As a power cut ends it. */
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

/** The same within this process, which is quicker. Not while anything else here has the file open by itself. */
export function startHereOn(path: string): Promise<TestServer> {
  return startTestServer({ ...SETTINGS, DATABASE_URL: `file:${path}` });
}

export async function readiness(url: string): Promise<{ status: number; database: unknown }> {
  const { status, body } = await asOperator(url).get("/readyz");
  return { status, database: body.database };
}

/** How a server that must not start on the database ends. */
export async function refusedStart(path: string) {
  const { code, stderr } = await startProcess({
    environment: { ...SETTINGS, DATABASE_URL: `file:${path}` },
  }).ended;
  return { code, stderr };
}

/** What a server that must not start on the database says; within this process, which is quicker. */
export function refusalOf(path: string): Promise<string> {
  return startRefusal({ ...SETTINGS, DATABASE_URL: `file:${path}` });
}
