import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { createKeeperDesk } from "../../support/chatio-tokens.ts";
import { passTime, stopClock } from "../../support/clock.ts";

const REINSTALLED = {
  accessToken: "access-reinstalled",
  refreshToken: "refresh-reinstalled",
  webhookSecret: "webhook-secret-reinstalled",
};

/** A keeper during whose next call of that name somebody else acts, without waiting for the lease. */
async function createDisturbedDesk(name: "refresh" | "updateBotAgent", disturb: "remove" | "reinstall") {
  const desk = await createKeeperDesk();
  desk.client.expire();
  const anew = await desk.installAnew("reinstalled");
  desk.client.meanwhile(name, () =>
    disturb === "remove" ? desk.installations.remove("1520") : desk.installations.save(anew),
  );
  return desk;
}

test("a license that is removed during its renewal does not come back, and its new token is revoked", async () => {
  const { client, join, kept } = await createDisturbedDesk("refresh", "remove");

  await expect(join()).rejects.toThrow("The Pizza BOT is not installed on license 1520.");

  expect(await kept()).toBeNull();
  expect(client.calls.slice(1)).toEqual(["refresh refresh-old", "revoke access-new-1"]);
});

test("nor if it is removed while its bot agent is updated", async () => {
  const { join, kept } = await createDisturbedDesk("updateBotAgent", "remove");

  await expect(join()).rejects.toThrow("The Pizza BOT is not installed on license 1520.");

  expect(await kept()).toBeNull();
});

test("a license that is reinstalled during its renewal keeps and uses its newest tokens", async () => {
  const { client, join, kept } = await createDisturbedDesk("refresh", "reinstall");

  await join();

  expect(await kept()).toMatchObject({ credentials: REINSTALLED });
  expect(client.calls.at(-1)).toBe("join_chat access-reinstalled");
});

test("a bot agent that was updated with an older token is updated with the stored one before it is used", async () => {
  const { client, join, kept } = await createDisturbedDesk("updateBotAgent", "reinstall");

  await join();

  expect(await kept()).toMatchObject({ credentials: REINSTALLED, botIsCurrent: true });
  expect(client.calls.slice(-2)).toEqual([
    "update_bot_agent bot-reinstalled access-reinstalled webhook-secret-reinstalled",
    "join_chat access-reinstalled",
  ]);
});

const TIMEOUT_MS = 15_000;
const HANGS = { kind: "hang" } as const;

/** A keeper to which chat.io answers a refresh with silence, until the call's time is over. */
async function createHangingDesk() {
  stopClock();
  const desk = await createKeeperDesk();
  const { client } = desk;
  client.expire();
  client.next("refresh", HANGS, HANGS);
  const refreshes = () => client.calls.filter((call) => call.startsWith("refresh"));
  const answered = () => client.sandbox.calls.filter(({ status }) => status === 401).length;
  return {
    ...desk,
    refreshes,
    /** So many jobs at once, of which one refreshes, until the refresh has taken too long. */
    async joinInVain(count = 1) {
      const [refreshed, refused] = [refreshes().length, answered()];
      const ends = Promise.allSettled(Array.from({ length: count }, () => desk.join()));
      while (refreshes().length === refreshed || answered() < refused + count) await nextTurn();
      await passTime(TIMEOUT_MS, 500);
      return ends;
    },
  };
}

test("64 chats of one license fail together after one refresh that hangs", async () => {
  const { joinInVain, refreshes } = await createHangingDesk();
  const startedAt = performance.now();

  const ends = await joinInVain(64);

  expect(performance.now() - startedAt).toBe(TIMEOUT_MS);
  expect(ends.map(({ status }) => status)).toEqual(Array(64).fill("rejected"));
  expect(refreshes()).toHaveLength(1);
});

test("a job right after that shares the failure; a second later there is another refresh", async () => {
  const { join, joinInVain, refreshes } = await createHangingDesk();
  await joinInVain();

  await expect(join()).rejects.toThrow("chat.io did not answer");
  expect(refreshes()).toHaveLength(1);

  vi.advanceTimersByTime(1000);
  await joinInVain();
  expect(refreshes()).toHaveLength(2);
});

test("newly installed tokens are not affected by the failure of the earlier ones", async () => {
  const { client, installAnew, installations, join, joinInVain, refreshes } = await createHangingDesk();
  await joinInVain();

  await installations.save(await installAnew("reinstalled"));
  await join();

  expect(client.calls.at(-1)).toBe("join_chat access-reinstalled");
  expect(refreshes()).toHaveLength(1);
});
