import { expect, test, vi } from "vitest";
import { createRenewalDesk, HOUR_MS, overdue } from "../../support/chatio-renewal.ts";

test("a token is renewed at 80 % of its lifetime, without any traffic", async () => {
  const { refreshes, rounds, start } = await createRenewalDesk();
  await start();

  await rounds(191);
  expect(refreshes()).toEqual([]);

  await rounds();
  expect(refreshes()).toEqual(["refresh refresh-old"]);
});

test("then the bot agent is updated with the new token, and the next renewal comes at 80 % of the new lifetime", async () => {
  const { client, refreshes, rounds, start } = await createRenewalDesk();
  await start();

  await rounds(192);
  expect(client.calls).toEqual([
    "refresh refresh-old",
    "update_bot_agent bot-old access-new-1 webhook-secret-old",
  ]);

  await rounds(191);
  expect(refreshes()).toHaveLength(1);
  await rounds();
  expect(refreshes()).toEqual(["refresh refresh-old", "refresh refresh-new-1"]);
});

test("a token that expired before a start is renewed at once", async () => {
  const { refreshes, start } = await createRenewalDesk(() => ({
    obtainedAt: Date.now() - 2 * HOUR_MS,
    expiresAt: Date.now() - HOUR_MS,
  }));

  await start();

  expect(refreshes()).toEqual(["refresh refresh-old"]);
});

test("after the clock was set back, a token is renewed, since its age is unknown", async () => {
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

test("after the clock jumped ahead, a token is renewed in the next round", async () => {
  const { refreshes, rounds, start } = await createRenewalDesk();
  await start();

  vi.setSystemTime(Date.now() + 24 * HOUR_MS);
  await rounds();

  expect(refreshes()).toEqual(["refresh refresh-old"]);
});

test("after a stop, nothing is renewed", async () => {
  const { refreshes, renewal, start } = await createRenewalDesk();
  await start();

  await renewal.stop();
  vi.advanceTimersByTime(2 * HOUR_MS);

  expect(vi.getTimerCount()).toBe(0);
  expect(refreshes()).toEqual([]);
});

test("a stop waits for the renewal under way", async () => {
  const { client, kept, renewal } = await createRenewalDesk(overdue);

  renewal.start();
  while (client.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await renewal.stop();

  expect(await kept()).toMatchObject({ credentials: { accessToken: "access-new-1" }, botIsCurrent: true });
});
