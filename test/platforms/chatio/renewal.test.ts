import { expect, onTestFinished, test, vi } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { createRenewal } from "../../../src/platforms/chatio/renewal.ts";
import type { Installations, ReadableInstallation } from "../../../src/store/store.ts";
import { noAnswer, refusedAs } from "../../support/chatio.ts";
import { createKeeperDesk, OLD } from "../../support/chatio-tokens.ts";
import { stopClock } from "../../support/clock.ts";
import { anInstallation } from "../../support/jobs.ts";

const HOUR_MS = 3_600_000;
const ROUND_MS = 15_000;
const UPDATED = "update_bot_agent bot-1 access-old webhook-secret-old";

/** A renewal over one installation, with a clock that stands still between rounds. */
async function createRenewalDesk(
  overrides: () => Partial<ReadableInstallation> = () => ({}),
  list?: Installations["list"],
) {
  stopClock();
  const desk = await createKeeperDesk(overrides());
  const installations = { ...desk.installations, ...(list && { list }) };
  const renewal = createRenewal({ tokens: desk.tokens, installations, log: desk.sink.log });
  onTestFinished(() => renewal.stop());

  /** A round has ended when the next one is planned. */
  async function roundEnds(): Promise<void> {
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    ...desk,
    renewal,
    async start() {
      renewal.start();
      await roundEnds();
    },
    async rounds(count = 1) {
      for (let round = 0; round < count; round += 1) {
        vi.advanceTimersByTime(ROUND_MS);
        await roundEnds();
      }
    },
    refreshes: () => desk.client.calls.filter((call) => call.startsWith("refresh")),
  };
}

test("at 80 % of its lifetime a token is renewed, without any traffic", async () => {
  const { refreshes, rounds, start } = await createRenewalDesk();
  await start();

  await rounds(191);
  expect(refreshes()).toEqual([]);

  await rounds();
  expect(refreshes()).toEqual(["refresh refresh-old"]);
});

test("after that the bot agent is tied to the new token, and the next renewal comes at 80 % of the new lifetime", async () => {
  const { client, refreshes, rounds, start } = await createRenewalDesk();
  await start();

  await rounds(192);
  expect(client.calls).toEqual([
    "refresh refresh-old",
    "update_bot_agent bot-1 access-new-1 webhook-secret-old",
  ]);

  await rounds(191);
  expect(refreshes()).toHaveLength(1);
  await rounds();
  expect(refreshes()).toEqual(["refresh refresh-old", "refresh refresh-new-1"]);
});

test("at the start a token that has expired meanwhile is renewed at once", async () => {
  const { refreshes, start } = await createRenewalDesk(() => ({
    obtainedAt: Date.now() - 2 * HOUR_MS,
    expiresAt: Date.now() - HOUR_MS,
  }));

  await start();

  expect(refreshes()).toEqual(["refresh refresh-old"]);
});

test("after the clock was set back a token is renewed, since nobody knows its age", async () => {
  const { refreshes, rounds, start } = await createRenewalDesk();
  await start();
  expect(refreshes()).toEqual([]);

  vi.setSystemTime(Date.now() - 2 * HOUR_MS);
  await rounds();

  expect(refreshes()).toEqual(["refresh refresh-old"]);
});

test("a clock that is a few seconds off renews nothing", async () => {
  const { refreshes, rounds, start } = await createRenewalDesk();
  await start();

  vi.setSystemTime(Date.now() - 60_000);
  await rounds();

  expect(refreshes()).toEqual([]);
});

test("after the clock jumped ahead a token is renewed in the next round", async () => {
  const { refreshes, rounds, start } = await createRenewalDesk();
  await start();

  vi.setSystemTime(Date.now() + 24 * HOUR_MS);
  await rounds();

  expect(refreshes()).toEqual(["refresh refresh-old"]);
});

test("a bot agent that could not be updated is updated in a later round, without another renewal", async () => {
  const { client, kept, rounds, start } = await createRenewalDesk(() => ({ botIsCurrent: false }));
  client.next("updateBotAgent", noAnswer(), noAnswer());

  await start();
  await rounds(4);

  expect(client.calls).toEqual([UPDATED, UPDATED, UPDATED]);
  expect(await kept()).toMatchObject({ botIsCurrent: true });
});

const overdue = () => ({ obtainedAt: Date.now() - HOUR_MS, expiresAt: Date.now() });

test("a renewal that failed is tried again in the next round", async () => {
  const { client, refreshes, rounds, sink, start } = await createRenewalDesk(overdue);
  client.next("refresh", noAnswer());

  await start();
  expect(sink.messages().at(-1)).toBe(
    "The installation could not be renewed yet: chat.io did not answer (ECONNRESET).",
  );
  await rounds(3);

  expect(refreshes()).toHaveLength(2);
});

test("where chat.io asks for more time, it is given", async () => {
  const { client, refreshes, rounds, start } = await createRenewalDesk(overdue);
  client.next("refresh", Object.assign(noAnswer(), { status: 429, retryAfterMs: 40_000 }));

  await start();
  await rounds(2);
  expect(refreshes()).toHaveLength(1);

  await rounds();
  expect(refreshes()).toHaveLength(2);
});

test("an installation that needs a reinstall is left alone", async () => {
  const { client, rounds, start } = await createRenewalDesk(() => ({ ...overdue(), needsReinstall: true }));

  await start();
  await rounds(2);

  expect(client.calls).toEqual([]);
});

test("a refresh token that is refused for good is tried once and warned of once", async () => {
  const { client, kept, refreshes, rounds, sink, start } = await createRenewalDesk(overdue);
  client.next("refresh", refusedAs("invalid_grant"));

  await start();
  await rounds(3);

  expect(refreshes()).toHaveLength(1);
  expect(await kept()).toMatchObject({ needsReinstall: true });
  expect(sink.messages().filter((line) => line.includes("needs a reinstall"))).toHaveLength(1);
});

test("tokens that cannot be read are left alone", async () => {
  const unreadable = async () => [{ ...anInstallation(overdue()), credentials: null }];
  const { client, sink, start } = await createRenewalDesk(overdue, unreadable);

  await start();

  expect(client.calls).toEqual([]);
  expect(sink.messages()).toEqual([]);
});

test("one license that cannot be renewed holds up no other", async () => {
  const { client, installations, refreshes, start } = await createRenewalDesk(overdue);
  for (const licenseId of Array.from({ length: 20 }, (_, at) => 2000 + at)) {
    const credentials = {
      ...OLD,
      refreshToken: `refresh-${licenseId}`,
      webhookSecret: `secret-${licenseId}`,
    };
    await installations.save(anInstallation({ licenseId, credentials, ...overdue() }));
  }
  client.next("refresh", noAnswer());

  await start();

  expect(refreshes()).toHaveLength(21);
});

test("a database that cannot be read is said, and looked at again", async () => {
  const list = vi.fn(async () => [anInstallation({ ...overdue(), credentials: OLD })]);
  list.mockRejectedValueOnce(new StoreError("the disk is gone"));
  const { refreshes, rounds, sink, start } = await createRenewalDesk(overdue, list);

  await start();
  expect(sink.messages()).toEqual([
    "The installations could not be looked after, next try in a second: the disk is gone",
  ]);

  await rounds();
  expect(refreshes()).toHaveLength(1);
});

test("once it has stopped nothing is renewed any more", async () => {
  const { refreshes, renewal, start } = await createRenewalDesk();
  await start();

  await renewal.stop();
  vi.advanceTimersByTime(2 * HOUR_MS);

  expect(vi.getTimerCount()).toBe(0);
  expect(refreshes()).toEqual([]);
});

test("to stop is to finish what is under way", async () => {
  const { client, kept, renewal } = await createRenewalDesk(overdue);

  renewal.start();
  while (client.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await renewal.stop();

  expect(await kept()).toMatchObject({ credentials: { accessToken: "access-new-1" }, botIsCurrent: true });
});
