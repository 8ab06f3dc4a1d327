import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import request from "supertest";
import { describe, expect, test } from "vitest";
import { jobsOf } from "../../src/platforms/chatio/events.ts";
import { aClaim } from "../store/in-hand.ts";
import { runCli } from "../support/cli.ts";
import { anIncomingEvent } from "../support/deliveries.ts";
import { anInstallation } from "../support/jobs.ts";
import { createLogSink } from "../support/log.ts";
import { reactToPizza } from "../support/reactions.ts";
import { startTestServer } from "../support/server.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

const CLIENT_SECRET = "client-secret-invented";
const FIRST_RELEASE = readFileSync(new URL("../store/sqlite/first-release.sql", import.meta.url), "utf8");

type Ids = { chatId: string; eventId: string };
type KeptJob = Ids & { state: "waiting" | "done" | "dead" };

/** A database of the first release, which put the ids of chats and events into its keys as they came. */
function firstReleaseDatabase(jobs: readonly KeptJob[]): string {
  const path = join(temporaryFolder(), "test.db");
  const db = new DatabaseSync(path);
  db.exec(FIRST_RELEASE);
  const insert = db.prepare(`
    INSERT INTO jobs (key, lane, payload, state, accepted_at, next_attempt_at, settled_at, platform, quota, is_first)
    VALUES (?1, ?2, ?3, ?4, ?5, ?5, iif(?4 = 'waiting', NULL, ?5), 'chatio', 'chatio:1520', 1)`);
  for (const { chatId, eventId, state } of jobs) {
    const payload = JSON.stringify({ account: "1520", chatId, reply: "Pizza is on the way!" });
    const lane = `chatio:1520:${chatId}`;
    insert.run(`${lane}:${eventId}`, lane, payload, state, Date.now());
  }
  db.close();
  return path;
}

/** The server on that database with the Pizza BOT installed. Nothing listens where it calls: its jobs wait. */
async function startInstalled(path = join(temporaryFolder(), "test.db")) {
  const store = openTestStore(path, CLIENT_SECRET);
  await store.installations.of("chatio").save(anInstallation());
  await store.close();
  const settings = { DATABASE_URL: `file:${path}` };
  const { url } = await startTestServer({
    ...settings,
    CHATIO_CLIENT_ID: "client-id-invented",
    CHATIO_CLIENT_SECRET: CLIENT_SECRET,
    CHATIO_ACCOUNTS_URL: "http://127.0.0.1:9",
    CHATIO_API_URL: "http://127.0.0.1:9",
  });
  async function deliver({ chatId, eventId }: Ids): Promise<string> {
    const delivery = anIncomingEvent({ chatId, event: { id: eventId } });
    return (await request(url).post("/webhook").send(delivery).expect(200)).body.status;
  }
  return { settings, deliver };
}

test("whatever chats and events are called, each message is accepted once and repeated as a duplicate", async () => {
  const { deliver } = await startInstalled();
  const names = [
    "a",
    "a:b",
    "b:c",
    ":",
    "%",
    "%3A",
    "%253A",
    "a%3Ab",
    "\ufffd",
    "\ud800",
    "\ud801",
    "%uD800",
    "\n",
  ];
  const pairs = names.flatMap((chatId) => names.map((eventId) => ({ chatId, eventId })));
  for (const ids of pairs) expect([ids, await deliver(ids)]).toEqual([ids, "accepted"]);
  for (const ids of pairs) expect([ids, await deliver(ids)]).toEqual([ids, "duplicate"]);
});

test("a key shows no control character, with which an id could write to an operator's terminal", async () => {
  const { deliver, settings } = await startInstalled();
  await deliver({ chatId: "chat\u001b[2J", eventId: "event\u0007\u009b" });
  const { out } = await runCli("inbox", ["list", "--json"], settings);
  const [{ key }] = JSON.parse(out);
  expect(key).toMatch(/^[\x20-\x7e]+$/);
});

describe("what an earlier release has kept under its keys", () => {
  const KEPT: readonly KeptJob[] = [
    { chatId: "a", eventId: "b:c", state: "done" },
    { chatId: "50%", eventId: "\u0007", state: "done" },
    { chatId: "\ud800", eventId: "e", state: "done" },
    { chatId: "x:y", eventId: "waiting", state: "waiting" },
    { chatId: "x:y", eventId: "dead", state: "dead" },
    { chatId: "x:y", eventId: "dropped", state: "dead" },
    { chatId: "chat-1", eventId: "event-1", state: "done" },
  ];

  test("is a duplicate when it is delivered again, and nothing else is", async () => {
    const { deliver } = await startInstalled(firstReleaseDatabase(KEPT));
    for (const ids of KEPT) expect([ids, await deliver(ids)]).toEqual([ids, "duplicate"]);
    // What the earlier release would have taken for one of them.
    for (const ids of [
      { chatId: "a:b", eventId: "c" },
      { chatId: "x", eventId: "y:dead" },
      { chatId: "chat-1:event-1", eventId: "event-1" },
    ]) {
      expect(await deliver(ids)).toBe("accepted");
      expect(await deliver(ids)).toBe("duplicate");
    }
  });

  test("is listed, shown, retried and dropped by its key", async () => {
    const { settings } = await startInstalled(firstReleaseDatabase(KEPT));
    const { out } = await runCli("inbox", ["list", "--json", "--state", "dead"], settings);
    expect(JSON.parse(out)).toMatchObject([
      { key: "chatio:1520:x:y:dropped" },
      { key: "chatio:1520:x:y:dead" },
      { key: "webex:dead-1" },
    ]);
    const shown = await runCli("inbox", ["show", "chatio:1520:x:y:dead"], settings);
    expect(shown).toMatchObject({ code: 0, err: "" });
    for (const [step, key] of [
      ["retry", "chatio:1520:x:y:dead"],
      ["drop", "chatio:1520:x:y:dropped"],
    ] as const) {
      expect(await runCli("inbox", [step, key], settings)).toMatchObject({ code: 0, err: "" });
    }
  });

  test("and waits is in one lane with what is delivered to its chat now", async () => {
    const { inbox } = openTestStore(firstReleaseDatabase(KEPT));
    const delivery = anIncomingEvent({ chatId: "x:y", event: { id: "new:one" } });
    const jobs = jobsOf(delivery, anInstallation(), reactToPizza, createLogSink().log);
    expect(await inbox.accept(jobs)).toBe(1);
    const claimed = await inbox.claim(aClaim({ owner: "worker-1", limit: 10, leaseMs: 60_000 }));
    expect(claimed.map(({ key }) => key).filter((key) => key.startsWith("chatio"))).toEqual([
      "chatio:1520:x:y:waiting",
    ]);
  });
});
