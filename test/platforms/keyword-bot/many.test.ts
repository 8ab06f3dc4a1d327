import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { PlatformError } from "../../../src/errors.ts";
import { type ChatioInstallation, LICENSES } from "../../../src/platforms/chatio/installation.ts";
import { createBotWatch } from "../../../src/platforms/keyword-bot/bot-watch.ts";
import { createOverview } from "../../../src/platforms/keyword-bot/overview.ts";
import { createRenewal } from "../../../src/platforms/keyword-bot/renewal.ts";
import { createCipher } from "../../../src/secrets.ts";
import { createCommits } from "../../../src/store/sqlite/commits.ts";
import { createAllInstallations } from "../../../src/store/sqlite/installations.ts";
import { openDatabase } from "../../../src/store/sqlite/open.ts";
import { OLD } from "../../support/chatio-tokens.ts";
import { passTime, stopClock } from "../../support/clock.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { temporaryFolder } from "../../support/store.ts";

const HOUR_MS = 3_600_000;
const HERE = "https://bots.example/webhook";
const noAnswer = () => new PlatformError("chat.io did not answer.", { retryable: true });

/** Background work over so many installations, and how often credentials were decrypted for it. */
async function startMany(count: number, overrides: () => Partial<ChatioInstallation> = () => ({})) {
  stopClock();
  const cipher = createCipher("client-secret-invented");
  const open = vi.fn(cipher.open);
  const db = openDatabase(join(temporaryFolder(), "test.db"));
  onTestFinished(() => db.close());
  const installations = createAllInstallations(
    db,
    createCommits(db, () => {}),
    () => ({ ...cipher, open }),
  ).of("chatio");
  const save = (account: string, own: Partial<ChatioInstallation> = {}) => {
    const credentials = { ...OLD, webhookSecret: `webhook-secret-${account}` };
    return installations.save(anInstallation({ account, credentials, webhookUrl: HERE, ...own }));
  };
  await Promise.all(Array.from({ length: count }, (_, at) => save(String(at + 1), overrides())));
  const due = vi.spyOn(installations, "due");
  const working = vi.spyOn(installations, "working");
  const list = vi.spyOn(installations, "list");
  const { log } = createLogSink();
  const renew = vi.fn(async (_account: string): Promise<ChatioInstallation> => {
    throw noAnswer();
  });
  const checkBot = vi.fn(async (_account: string): Promise<string | null> => null);
  const renewal = createRenewal({ installations, tokens: { renew, updateBot: async () => {} }, log });
  const watch = createBotWatch({ installations, tokens: { checkBot }, log });
  const overview = createOverview({ kind: LICENSES, installations, webhookUrl: HERE, log });
  onTestFinished(async () => {
    overview.stop();
    watch.stop();
    await renewal.stop();
  });
  await overview.start();
  renewal.start();
  watch.start();
  return { save, remove: installations.remove, open, due, working, list, renew, checkBot, overview, renewal };
}

test("while none of a thousand installations is due, none is decrypted or listed", async () => {
  const { open, due, list } = await startMany(1000);
  open.mockClear();

  await passTime(50_000, 1000);

  expect(due.mock.calls.length).toBeGreaterThan(40);
  expect(open).not.toHaveBeenCalled();
  expect(list).not.toHaveBeenCalled();
});

test("only the one that is due, and those whose bot agents are looked at, are decrypted", async () => {
  const { open, save, renew, checkBot } = await startMany(1000);
  open.mockClear();
  await save("77", { obtainedAt: Date.now() - HOUR_MS, expiresAt: Date.now() });

  await passTime(3000, 1000);
  expect(renew.mock.calls.map(([account]) => account)).toEqual(["77"]);
  expect(open.mock.calls.length).toBeLessThanOrEqual(2);

  await passTime(97_000, 1000);
  expect(checkBot.mock.calls.length).toBeGreaterThan(200);
  expect(checkBot.mock.calls.length).toBeLessThan(250);
  expect(open.mock.calls.length).toBeLessThanOrEqual(
    checkBot.mock.calls.length + renew.mock.calls.length + 1,
  );
});

test("each second, no more licenses are read than have their turn to be looked at", async () => {
  const { working } = await startMany(1000);

  await passTime(300_000, 1000);

  const most = Math.max(...working.mock.calls.slice(0, -1).map(([{ limit }]) => limit));
  // 1000 in the three minutes that the first round takes; at its end the rest, which is nothing or one.
  expect(working.mock.calls.filter(([{ limit }]) => limit > 12).length).toBeLessThanOrEqual(2);
  expect(most).toBeLessThanOrEqual(500);
});

test("twelve hundred that cannot be renewed are all tried, then cost one page a second", async () => {
  const overdue = () => ({ obtainedAt: Date.now() - HOUR_MS, expiresAt: Date.now() });
  const { due, renew } = await startMany(1200, overdue);
  await passTime(1000, 1000);
  expect(new Set(renew.mock.calls.map(([account]) => account)).size).toBe(1200);
  due.mockClear();
  renew.mockClear();

  await passTime(10_000, 1000);

  expect(renew).not.toHaveBeenCalled();
  expect(due.mock.calls.length).toBeLessThanOrEqual(12);
  expect(due.mock.calls.every(([{ limit }]) => limit === 500)).toBe(true);
});

test("one that becomes due after those that cannot be renewed is renewed within seconds", async () => {
  const overdue = () => ({ obtainedAt: Date.now() - HOUR_MS, expiresAt: Date.now() });
  const { renew, save } = await startMany(1200, overdue);
  await passTime(1000, 1000);
  renew.mockClear();
  await save("5000", { obtainedAt: Date.now() - HOUR_MS + 1, expiresAt: Date.now() + 1 });

  await passTime(4000, 1000);

  expect(renew.mock.calls.map(([account]) => account)).toEqual(["5000"]);
});

test("a bot agent that cannot be looked at for an hour is looked at once a minute", async () => {
  const { checkBot } = await startMany(3);
  checkBot.mockRejectedValue(noAnswer());

  await passTime(5 * 60_000, 1000);
  checkBot.mockClear();
  await passTime(10 * 60_000, 1000);

  expect(checkBot.mock.calls.length).toBeGreaterThanOrEqual(3 * 9);
  expect(checkBot.mock.calls.length).toBeLessThanOrEqual(3 * 11);
});

test("one that was removed or marked after a failed look is not looked at again", async () => {
  const { checkBot, remove, save } = await startMany(2);
  checkBot.mockRejectedValue(noAnswer());
  await passTime(5 * 60_000, 1000);
  await remove("1");
  await save("2", { needsReinstall: true });
  checkBot.mockClear();

  await passTime(5 * 60_000, 1000);

  expect(checkBot).not.toHaveBeenCalled();
});

test("problems are counted within a second, and no longer counted a second after they were fixed", async () => {
  const { overview, save } = await startMany(5);
  expect(overview.warnings()).toEqual([]);
  await save("2", { needsReinstall: true });
  await save("3", { webhookUrl: "https://earlier.example/webhook" });
  await save("4", { webhookUrl: "" });

  await passTime(1000, 1000);
  expect(overview.warnings()).toEqual([
    "Installations that only a reinstall brings back to work: 1. Open /install",
    "Bots that send their webhooks to an earlier address: 1. Fix it with: npm run doctor -- --fix",
  ]);

  await save("2");
  await save("3");
  await passTime(1000, 1000);
  expect(overview.warnings()).toEqual([]);
});
