import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { chatPayload } from "../../../src/platforms/keyword-bot/events.ts";
import { fingerprint } from "../../../src/secrets.ts";
import { openServerStore } from "../../../src/store/sqlite/index.ts";
import type { Store } from "../../../src/store/store.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { aClaim } from "../in-hand.ts";

const NUMERIC_LICENSES = readFileSync(new URL("numeric-licenses.sql", import.meta.url), "utf8");
const OBTAINED_AT = 1_790_000_000_000;

/** A database that the last release with numeric licenses has written. */
function written(): string {
  const path = join(temporaryFolder(), "test.db");
  const db = new DatabaseSync(path);
  db.exec(NUMERIC_LICENSES);
  db.close();
  return path;
}

function started(path: string): Store {
  const store = openServerStore({ path, encryptionSecretsOf: () => ["client-secret-invented"] });
  onTestFinished(() => store.close());
  return store;
}

test.each([
  ["the server", (path: string) => started(path)],
  ["a command", (path: string) => openTestStore(path)],
])("%s finds each license as an account of chat.io, with its tokens", async (_who, open) => {
  const { installations } = open(written());
  const all = await installations.list();
  expect(all.map(({ platform, account }) => [platform, account])).toEqual(
    ["9", "77", "1520", "200000000000"].map((account) => ["chatio", account]),
  );
  expect(await installations.of("chatio").find("1520")).toEqual({
    platform: "chatio",
    account: "1520",
    botId: "bot-1520",
    credentials: {
      accessToken: "access-invented-1520",
      refreshToken: "refresh-invented-1520",
      webhookSecret: "webhook-secret-invented-1520",
    },
    lookup: fingerprint("webhook-secret-invented-1520"),
    details: {},
    obtainedAt: OBTAINED_AT,
    expiresAt: OBTAINED_AT + 3_920_000,
    botIsCurrent: true,
    needsReinstall: false,
    botIsGone: false,
    webhookUrl: "https://bots.example/webhook",
  });
  expect(all.find(({ account }) => account === "77")?.credentials).toBeNull();
  expect(all.find(({ account }) => account === "200000000000")).toMatchObject({
    credentials: { accessToken: "access-invented-200000000000" },
    needsReinstall: true,
    botIsGone: true,
    webhookUrl: "",
  });
});

test("installations are found by their secret, due and working as before, and later changes are counted", async () => {
  const installations = started(written()).installations.of("chatio");
  const found = await installations.findByLookup(fingerprint("webhook-secret-invented-9"));
  expect(found).toMatchObject({ account: "9", botIsCurrent: false });
  expect(await installations.countByState()).toEqual({ ok: 2, needs_reinstall: 1, unreadable: 1 });
  expect(await installations.working({ after: null, limit: 9 })).toEqual(["1520", "9"]);
  const [due] = await installations.due({ after: null, limit: 1, clockToleranceMs: 0 });
  expect(due).toEqual({ account: "9", dueAt: 0 });

  const one = await installations.find("1520");
  if (!one?.credentials) throw new Error("it can be read");
  await installations.save({ ...one, credentials: one.credentials, webhookUrl: "https://elsewhere.example" });
  await installations.remove("77");
  await installations.remove("200000000000");
  expect(await installations.countByState()).toEqual({ ok: 2, needs_reinstall: 0, unreadable: 0 });
  expect(await installations.countElsewhere("https://bots.example/webhook")).toBe(1);
});

test("waiting jobs, and dead ones that are retried, know their account; other jobs are unchanged", async () => {
  const { inbox, desk } = started(written());
  expect(await desk.countByState()).toEqual({ waiting: 2, working: 0, done: 1, dead: 1 });
  await desk.retryAllDead();
  const jobs = await inbox.claim(aClaim({ limit: 9 }));
  const reactions = jobs.filter(({ platform }) => platform === "chatio");
  expect(reactions.map(({ payload }) => chatPayload.parse(payload))).toEqual(
    expect.arrayContaining(
      ["chat-1", "chat-3"].map((chatId) => ({
        account: "1520",
        chatId,
        replies: [{ text: "Pizza is on the way!", to: "agents" }],
      })),
    ),
  );
  expect(reactions).toHaveLength(2);
  expect(jobs.find(({ platform }) => platform === "webex")?.payload).toEqual({ messageId: "message-1" });
});
