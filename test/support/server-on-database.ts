import { once } from "node:events";
import { expect } from "vitest";
import { aWebexDelivery } from "./deliveries.ts";
import { asOperator, PASSWORD } from "./operator.ts";
import { addressOf, startProcess } from "./process.ts";

/** Webex is not there to be reached, so every job waits. */
export const SETTINGS = {
  WT_API_TOKEN: "token-invented",
  WT_API_URL: "http://127.0.0.1:9/v1",
  ADMIN_PASSWORD: PASSWORD,
};

let made = 0;

/** Delivers a message that was not delivered before; its job's key and the status of the answer. */
export async function deliver(url: string): Promise<{ key: string; status: number }> {
  made += 1;
  const id = `MSG${made}`;
  const { status } = await fetch(`${url}/wtwebhook`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(aWebexDelivery({ data: { id, roomId: `ROOM${made}` } })),
  });
  return { key: `webex:${id}`, status };
}

/** The keys of so many deliveries, each of which must be answered 200. */
export async function deliverKept(url: string, count: number): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => deliver(url)));
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
