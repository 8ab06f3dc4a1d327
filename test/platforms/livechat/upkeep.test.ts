import { expect, test, vi } from "vitest";
import { passTime, stopClock, timePassesUntil } from "../../support/clock.ts";
import { createInstalledLivechat, ORGANIZATION } from "../../support/livechat.ts";

const HOUR_MS = 3_600_000;
const DONE = "replied to the agents";

/** The bot installed while time stands still, its upkeep begun. */
async function startUpkeep() {
  stopClock();
  const desk = await createInstalledLivechat();
  await desk.platform.start();
  return desk;
}

/** Lets the clock jump; a second later the renewal looks at it. */
async function jump(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await passTime(1100, 100);
}

test("for three days both tokens are renewed before they expire, and no call is refused", async () => {
  const { sandbox, react } = await startUpkeep();
  const times: Record<string, number[]> = { refresh: [], issue_bot_token: [] };

  for (let hour = 1; hour <= 72; hour += 1) {
    await jump(HOUR_MS);
    expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);
    for (const { name, status } of sandbox.calls.splice(0)) {
      expect(status, name).toBeLessThan(300);
      times[name]?.push(hour);
    }
  }

  const gaps = (hours: number[] = []) => hours.map((hour, at) => hour - (hours[at - 1] ?? 0));
  expect(Math.max(...gaps(times.refresh))).toBeLessThan(8);
  expect(Math.max(...gaps(times.issue_bot_token))).toBeLessThan(24);
  expect(Math.min(...gaps(times.issue_bot_token))).toBeGreaterThan(8);
});

test("a server that was off for a week renews both tokens at its start", async () => {
  stopClock();
  const { platform, sandbox, react, calls, kept } = await createInstalledLivechat();
  vi.setSystemTime(Date.now() + 7 * 24 * HOUR_MS);

  await platform.start();
  await timePassesUntil(async () => expect((await kept()).botIsCurrent).toBe(true));
  await timePassesUntil(() => expect(sandbox.calls.map(({ name }) => name)).toContain("issue_bot_token"));
  await passTime(200);

  expect(calls()).toEqual(["refresh", "issue_bot_token"]);
  expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);
  expect(calls()).not.toContain("issue_bot_token");
});

test("a group that was made since is joined within five minutes, without a chat in it", async () => {
  const { sandbox, bots } = await startUpkeep();
  const sales = sandbox.addGroup(ORGANIZATION, "Sales");

  await passTime(5 * 60_000, 1000);

  await timePassesUntil(() => expect(bots()[0]?.groups.map(({ id }) => id)).toEqual([0, sales]));
});

test("a bot that is in all groups is looked at, and left as it is", async () => {
  const { calls } = await startUpkeep();

  await passTime(5 * 60_000, 1000);

  expect([...new Set(calls())].toSorted()).toEqual(["get_bot", "list_groups"]);
});

test("a bot that was removed there is noticed within five minutes, without a chat", async () => {
  const { sandbox, kept, sink } = await startUpkeep();
  sandbox.removeBotAgent(ORGANIZATION, (await kept()).botId);

  await passTime(5 * 60_000, 1000);

  await timePassesUntil(async () =>
    expect(await kept()).toMatchObject({ needsReinstall: true, botIsGone: true }),
  );
  expect(sink.messages()).toContain(
    `Organization ${ORGANIZATION} needs a reinstall: its bot was removed at LiveChat. Open /livechat/install to do so.`,
  );
});

test("tokens that were revoked there are noticed within five minutes, and both causes are named", async () => {
  const { sandbox, kept, sink, platform } = await startUpkeep();
  sandbox.revokeAll(ORGANIZATION);

  await passTime(5 * 60_000, 1000);

  await timePassesUntil(async () =>
    expect(await kept()).toMatchObject({ needsReinstall: true, botIsGone: false }),
  );
  expect(sink.messages()).toContain(
    `Organization ${ORGANIZATION} needs a reinstall: LiveChat no longer renews its tokens. They were revoked, or LIVECHAT_CLIENT_SECRET is wrong. Open /livechat/install to do so.`,
  );
  expect(platform.warnings()).toEqual([
    "Installations that only a reinstall brings back to work: 1. Open /livechat/install",
  ]);
});

test("a subscription that has ended is noticed within five minutes", async () => {
  const { sandbox, kept } = await startUpkeep();
  sandbox.setExpired(ORGANIZATION, true);

  await passTime(5 * 60_000, 1000);

  await timePassesUntil(async () => expect((await kept()).needsReinstall).toBe(true));
});

test("an access token that was revoked while its refresh token is good is renewed by the look at the bot", async () => {
  const { sandbox, calls, kept } = await startUpkeep();
  const { credentials } = await kept();
  sandbox.expireAccessTokens(ORGANIZATION);

  await passTime(5 * 60_000, 1000);

  await timePassesUntil(async () =>
    expect((await kept()).credentials.accessToken).not.toBe(credentials.accessToken),
  );
  expect(calls().filter((name) => name === "refresh")).toHaveLength(1);
  expect((await kept()).credentials.botToken).toBe(credentials.botToken);
});

test("an announcement that the API's version ends becomes a warning with its date", async () => {
  const { sandbox, react, platform } = await createInstalledLivechat();
  expect(platform.warnings()).toEqual([]);
  sandbox.versionNotice.deprecation = "2027-03-01";

  await react(sandbox.openChat(ORGANIZATION));

  expect(platform.warnings()).toEqual([expect.stringContaining("deprecated until 2027-03-01")]);
});
