import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { PlatformError } from "../../../src/errors.ts";
import type { ChatioInstallation } from "../../../src/platforms/chatio/installation.ts";
import { createBotWatch } from "../../../src/platforms/keyword-bot/bot-watch.ts";
import type { Installations } from "../../../src/store/store.ts";
import { errorOf, NO_ANSWER, refusedAs } from "../../support/chatio.ts";
import { createKeeperDesk, OLD } from "../../support/chatio-tokens.ts";
import { passTime, stopClock } from "../../support/clock.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { createBarrier } from "../../support/worker.ts";

const FIVE_MINUTES_MS = 300_000;

/** One of license 1 or higher, with a webhook secret of its own. */
function aLicense(account: string, overrides: Partial<ChatioInstallation> = {}): ChatioInstallation {
  const credentials = { ...OLD, webhookSecret: `webhook-secret-${account}` };
  return anInstallation({ account, credentials, ...overrides });
}

function licenses(count: number): ChatioInstallation[] {
  return Array.from({ length: count }, (_, at) => aLicense(String(at + 1)));
}

/** A watch over these installations, with the looks it takes. */
async function startWatch(
  all: ChatioInstallation[],
  look: (account: string) => Promise<unknown> = async () => {},
  installations: Installations = openTestStore().installations.of("chatio"),
  leads = () => true,
) {
  stopClock();
  await Promise.all(all.map(installations.save));
  const looks: string[] = [];
  const sink = createLogSink();
  const watch = createBotWatch({
    installations,
    tokens: {
      async checkBot(account) {
        looks.push(account);
        await look(account);
        return null;
      },
    },
    leads,
    log: sink.log,
  });
  watch.start();
  onTestFinished(watch.stop);
  return { looks, sink, watch, installations };
}

test("each bot agent is looked at every five minutes, and not much more often", async () => {
  const { looks } = await startWatch(licenses(50));
  for (let period = 1; period <= 3; period += 1) {
    looks.length = 0;
    await passTime(FIVE_MINUTES_MS, 1000);
    expect(new Set(looks).size).toBe(50);
    expect(looks.length).toBeLessThanOrEqual(100);
  }
});

test("looks are spread out: none in the first minute after a start, and never all at once", async () => {
  const { looks } = await startWatch(licenses(240));
  const perTenSeconds: number[] = [];
  for (let step = 0; step < 48; step += 1) {
    const before = looks.length;
    await passTime(10_000, 1000);
    perTenSeconds.push(looks.length - before);
  }
  expect(perTenSeconds.slice(0, 6)).toEqual(Array(6).fill(0));
  expect(Math.max(...perTenSeconds)).toBeLessThan(40);
});

test.each([-7_200_000, 8 * 24 * 3_600_000])(
  "a clock that jumps by %d ms does not change that",
  async (jumpMs) => {
    const { looks } = await startWatch(licenses(20));
    vi.setSystemTime(Date.now() + jumpMs);
    await passTime(FIVE_MINUTES_MS, 1000);
    expect(new Set(looks).size).toBe(20);
    expect(looks.length).toBeLessThanOrEqual(40);
  },
);

test("at most 16 are looked at at the same time", async () => {
  const gate = createBarrier();
  const { looks } = await startWatch(licenses(2000), gate.pass);
  await passTime(FIVE_MINUTES_MS, 1000);
  expect(gate.waiting()).toBe(16);
  gate.open(1);
  await passTime(1000);
  expect(looks).toHaveLength(17);
  gate.open();
});

test("a failed look is repeated after a minute, and logged at debug", async () => {
  const { looks, sink } = await startWatch(licenses(1), () =>
    Promise.reject(new PlatformError("No answer.", { retryable: true })),
  );
  await passTime(FIVE_MINUTES_MS + 2000, 1000);
  expect(looks.length).toBeGreaterThanOrEqual(2);
  expect(new Set(sink.text().match(/"level":\w+|"level":"\w+"/g))).toEqual(new Set(['"level":20']));
});

test("an installation that needs a reinstall, or was removed, is not looked at", async () => {
  const path = join(temporaryFolder(), "test.db");
  await openTestStore(path, "another-client-secret").installations.of("chatio").save(aLicense("2"));
  const all = [aLicense("1", { needsReinstall: true }), aLicense("3")];
  const { looks, installations } = await startWatch(
    all,
    undefined,
    openTestStore(path).installations.of("chatio"),
  );
  await passTime(1000, 1000);
  await installations.remove("3");
  await passTime(2 * FIVE_MINUTES_MS, 1000);
  expect(looks).toEqual([]);
});

test("one installed while the server runs is looked at, too; after a stop, none is", async () => {
  const { looks, watch, installations } = await startWatch(licenses(1));
  await passTime(FIVE_MINUTES_MS, 1000);
  await installations.save(aLicense("2"));
  await passTime(FIVE_MINUTES_MS, 1000);
  expect(looks).toContain("2");
  watch.stop();
  looks.length = 0;
  await passTime(FIVE_MINUTES_MS, 1000);
  expect(looks).toEqual([]);
});

test.each([
  ["as invalid", refusedAs("validation")],
  ["as not found", refusedAs("not_found", 404)],
])(
  "a bot agent that chat.io refuses %s counts as gone: it is marked, and logged once",
  async (_how, refusal) => {
    const { client, kept, sink, tokens } = await createKeeperDesk();
    client.next("getBotAgentWebhookUrl", refusal);

    await expect(tokens.checkBot("1520")).rejects.toMatchObject({
      type: "needs_reinstall",
      retryable: false,
    });

    expect(await kept()).toMatchObject({ needsReinstall: true, botIsGone: true });
    expect(sink.messages()).toEqual([
      "License 1520 needs a reinstall: its bot was removed at chat.io. Open /install to do so.",
    ]);
  },
);

test.each([
  ["a gateway's 404", { kind: "gateway", status: 404 } as const],
  ["an outage", NO_ANSWER],
  ["what is not allowed", refusedAs("authorization", 403)],
])("%s does not mean that the bot agent is gone", async (_what, end) => {
  const { client, kept, tokens } = await createKeeperDesk();
  client.next("getBotAgentWebhookUrl", end);

  await expect(tokens.checkBot("1520")).rejects.toMatchObject(errorOf(end));

  expect(await kept()).toMatchObject({ needsReinstall: false, botIsGone: false });
});

test("a bot agent made again during the look is not marked as gone", async () => {
  const { client, installAnew, installations, kept, tokens } = await createKeeperDesk();
  client.next("getBotAgentWebhookUrl", refusedAs("validation"));
  client.meanwhile("getBotAgentWebhookUrl", async () => installations.save(await installAnew("anew")));

  await expect(tokens.checkBot("1520")).rejects.toMatchObject({ type: "validation" });

  expect(await kept()).toMatchObject({ botId: "bot-anew", needsReinstall: false, botIsGone: false });
});

test("a bot agent that is gone when it is updated with new tokens is marked, too", async () => {
  const { client, join, kept } = await createKeeperDesk();
  client.expire();
  client.next("updateBotAgent", refusedAs("validation"));

  await expect(join()).rejects.toMatchObject({ type: "needs_reinstall" });

  expect(await kept()).toMatchObject({ botIsGone: true, credentials: { accessToken: "access-new-1" } });
});

test("of several servers only the one that leads looks; who begins to lead has looked at each bot five minutes later", async () => {
  let isLeader = false;
  const { looks } = await startWatch(licenses(50), undefined, undefined, () => isLeader);
  await passTime(2 * FIVE_MINUTES_MS, 1000);
  expect(looks).toEqual([]);
  isLeader = true;
  await passTime(FIVE_MINUTES_MS, 1000);
  expect(new Set(looks).size).toBe(50);
});
