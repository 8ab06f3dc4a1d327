import { expect, test, vi } from "vitest";
import { noAnswer } from "../../support/chatio.ts";
import { createKeeperDesk, OLD } from "../../support/chatio-tokens.ts";
import { passTime, stopClock, turns } from "../../support/clock.ts";
import { anInstallation } from "../../support/jobs.ts";

const REINSTALLED = {
  accessToken: "access-reinstalled",
  refreshToken: "refresh-reinstalled",
  webhookSecret: "webhook-secret-reinstalled",
};

/** A keeper whose next calls of that name are followed by what somebody else does without waiting for the lease. */
async function createDisturbedDesk(name: "refresh" | "updateBotAgent", disturb: "remove" | "reinstall") {
  const desk = await createKeeperDesk();
  const original: (...args: never[]) => Promise<unknown> = desk.client[name];
  Object.assign(desk.client, {
    async [name](...args: never[]) {
      const answer = await original(...args);
      if (disturb === "remove") await desk.installations.remove("1520");
      else await desk.installations.save(anInstallation({ botId: "bot-1", credentials: REINSTALLED }));
      return answer;
    },
  });
  desk.client.expire("access-old");
  return desk;
}

test("a license that is removed during its renewal does not come back, and its new token is revoked", async () => {
  const { client, join, kept } = await createDisturbedDesk("refresh", "remove");

  await expect(join()).rejects.toThrow("The Pizza BOT is not installed on license 1520.");

  expect(await kept()).toBeNull();
  expect(client.calls.slice(1)).toEqual(["refresh refresh-old", "revoke access-new-1"]);
});

test("nor when it is removed while its bot agent is updated", async () => {
  const { join, kept } = await createDisturbedDesk("updateBotAgent", "remove");

  await expect(join()).rejects.toThrow("The Pizza BOT is not installed on license 1520.");

  expect(await kept()).toBeNull();
});

test("a license that is installed anew during its renewal keeps its newest tokens, and they are used", async () => {
  const { client, join, kept } = await createDisturbedDesk("refresh", "reinstall");

  await join();

  expect(await kept()).toMatchObject({ credentials: REINSTALLED });
  expect(client.calls.at(-1)).toBe("join_chat chat-1 access-reinstalled");
});

test("a bot agent that was tied to an older token meanwhile is tied to the kept one before it is used", async () => {
  const { client, join, kept } = await createDisturbedDesk("updateBotAgent", "reinstall");

  await join();

  expect(await kept()).toMatchObject({ credentials: REINSTALLED, botIsCurrent: true });
  expect(client.calls.slice(-2)).toEqual([
    "update_bot_agent bot-1 access-reinstalled webhook-secret-reinstalled",
    "join_chat chat-1 access-reinstalled",
  ]);
});

const TIMEOUT_MS = 15_000;

/** A keeper to which chat.io answers every refresh with silence, until the call's time is over. */
async function createHangingDesk() {
  stopClock();
  const desk = await createKeeperDesk();
  desk.client.expire("access-old");
  const refreshes: number[] = [];
  desk.client.refresh = () => {
    refreshes.push(performance.now());
    return new Promise((_resolve, reject) => setTimeout(() => reject(noAnswer()), TIMEOUT_MS));
  };
  return { ...desk, refreshes };
}

test("64 chats of a license whose tokens cannot be renewed fail together, after one refresh that hangs", async () => {
  const { join, refreshes } = await createHangingDesk();
  const startedAt = performance.now();

  const all = Promise.allSettled(Array.from({ length: 64 }, () => join()));
  await turns();
  await passTime(TIMEOUT_MS, 500);
  const ends = await all;

  expect(performance.now() - startedAt).toBe(TIMEOUT_MS);
  expect(ends.map(({ status }) => status)).toEqual(Array(64).fill("rejected"));
  expect(refreshes).toHaveLength(1);
});

test("whoever comes right after that shares the failure, a second later it is asked again", async () => {
  const { join, refreshes } = await createHangingDesk();
  const first = join().catch(() => {});
  await turns();
  await passTime(TIMEOUT_MS, 500);
  await first;

  await expect(join()).rejects.toThrow("chat.io did not answer");
  expect(refreshes).toHaveLength(1);

  vi.advanceTimersByTime(1000);
  const later = join().catch(() => {});
  await turns();
  await passTime(TIMEOUT_MS, 500);
  await later;
  expect(refreshes).toHaveLength(2);
});

test("tokens that were installed anew are not held up by the failure of the earlier ones", async () => {
  const { client, installations, join, refreshes } = await createHangingDesk();
  const first = join().catch(() => {});
  await turns();
  await passTime(TIMEOUT_MS, 500);
  await first;

  await installations.save(anInstallation({ botId: "bot-1", credentials: { ...OLD, ...REINSTALLED } }));
  await join();

  expect(client.calls.at(-1)).toBe("join_chat chat-1 access-reinstalled");
  expect(refreshes).toHaveLength(1);
});
