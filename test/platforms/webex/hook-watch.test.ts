import { expect, onTestFinished, test, vi } from "vitest";
import { createWebexClient, type Webhook, type WebhookChange } from "../../../src/platforms/webex/client.ts";
import { createHookWatch } from "../../../src/platforms/webex/hook-watch.ts";
import type { Findings } from "../../../src/store/store.ts";
import { stopClock, turns } from "../../support/clock.ts";
import { createFindings } from "../../support/findings.ts";
import { createLogSink } from "../../support/log.ts";
import { answeredWith } from "../../support/webex.ts";

const targetUrl = "https://bots.example/wtwebhook";
const FIVE_MINUTES_MS = 300_000;
const OFF =
  'The webhook "globobot: 1:1 rooms" was switched off by Webex. Fix it with: npm run webhooks -- heal';

const base = { targetUrl, resource: "messages", event: "created", status: "active" };
const rooms = { ...base, id: "ROOMS", name: "globobot: 1:1 rooms", filter: "roomType=direct" };
const mentions = {
  ...base,
  id: "MENTIONS",
  name: "globobot: mentions in groups",
  filter: "roomType=group&mentionedPeople=me",
};

const theirs = { ...rooms, id: "THEIRS", name: "another bot", targetUrl: "https://other.example/" };

type Start = {
  heal?: boolean;
  leads?: { now: boolean };
  findings?: Findings;
  hooks?: Webhook[];
  failure?: Error | null;
  cannotHeal?: string;
};
/** What Webex answers. */
type Listed = { hooks: Webhook[]; looks: number; failure: Error | null };

/** A watch over webhooks that the test can change; time passes when the test says so. */
async function startWatch(start: Start = {}) {
  const { leads = { now: true }, findings = createFindings() } = start;
  const { heal = false, hooks = [rooms, mentions], failure = null, cannotHeal } = start;
  stopClock();
  const sink = createLogSink();
  const listed: Listed = { hooks, looks: 0, failure };
  const updates: [id: string, change: WebhookChange][] = [];
  const client = {
    ...createWebexClient({ apiUrl: "https://webexapis.com/v1", token: "t" }),
    async listWebhooks() {
      listed.looks += 1;
      if (listed.failure) throw listed.failure;
      return listed.hooks;
    },
    async updateWebhook(id: string, change: WebhookChange) {
      if (id === cannotHeal) throw answeredWith(503);
      updates.push([id, change]);
      listed.hooks = listed.hooks.map((hook) => (hook.id === id ? { ...hook, ...change } : hook));
    },
  };
  const settings = { targetUrl, secret: null };
  const watch = createHookWatch({ client, settings, heal, leads: () => leads.now, findings, log: sink.log });
  onTestFinished(() => watch.stop());
  watch.start();
  await turns();
  const nextLook = async () => {
    vi.advanceTimersByTime(FIVE_MINUTES_MS);
    await turns();
  };
  return { watch, sink, listed, updates, nextLook };
}

const switchedOff = () => [{ ...rooms, status: "inactive" }, mentions];

test("when all is well, it checks every five minutes and logs nothing", async () => {
  const { listed, nextLook, sink, updates, watch } = await startWatch();
  expect(listed.looks).toBe(1);

  vi.advanceTimersByTime(FIVE_MINUTES_MS - 1);
  await turns();
  expect(listed.looks).toBe(1);
  vi.advanceTimersByTime(1);
  await turns();
  expect(listed.looks).toBe(2);

  await nextLook();
  expect([watch.warnings(), sink.messages(), updates]).toEqual([[], [], []]);
});

test("it reports what it found last and which hooks are ours, without any secret", async () => {
  const secret = "signing-secret-invented";
  const { listed, nextLook, watch } = await startWatch({ hooks: [{ ...rooms, secret }, theirs] });
  const first = watch.report();
  expect(first).toEqual({
    lookedAt: Date.parse("2026-01-05T10:00:00Z"),
    hooks: [
      { name: "globobot: 1:1 rooms", targetUrl, isActive: true, isOurs: true, isElsewhere: false },
      {
        name: "another bot",
        targetUrl: "https://other.example/",
        isActive: true,
        isOurs: false,
        isElsewhere: false,
      },
    ],
  });

  listed.hooks = switchedOff();
  await nextLook();
  expect(watch.report()).toMatchObject({
    lookedAt: Date.parse("2026-01-05T10:05:00Z"),
    hooks: [{ isActive: false }, { isActive: true }],
  });

  const before = watch.report();
  listed.failure = answeredWith(503);
  await nextLook();
  expect(watch.report()).toBe(before);
});

test("a hook that Webex has switched off is logged once, and is a warning while that lasts", async () => {
  const { listed, nextLook, sink, updates, watch } = await startWatch({ hooks: switchedOff() });
  await nextLook();
  expect(watch.warnings()).toEqual([OFF]);
  expect(sink.messages()).toEqual([OFF]);

  listed.hooks = [rooms, mentions];
  await nextLook();

  expect(watch.warnings()).toEqual([]);
  expect(updates).toEqual([]);
});

test("if it may heal, it switches on this server's hooks and no others", async () => {
  const hooks = [...switchedOff(), { ...theirs, status: "inactive" }];
  const { sink, updates } = await startWatch({ heal: true, hooks });

  expect(updates).toEqual([["ROOMS", { name: "globobot: 1:1 rooms", targetUrl, status: "active" }]]);
  expect(sink.messages()).toEqual([OFF, 'The webhook "globobot: 1:1 rooms" was switched on again.']);
});

test("once it has healed a hook, it reports at once that the hook is on", async () => {
  const { listed, watch } = await startWatch({ heal: true, hooks: switchedOff() });

  expect(watch.warnings()).toEqual([]);
  expect(watch.report().hooks).toMatchObject([{ isActive: true }, { isActive: true }]);
  expect(listed.looks).toBe(2);
});

test("a hook that cannot be switched on is logged, and neither stops the others nor is tried again at the next check", async () => {
  const hooks = [...switchedOff(), { ...mentions, id: "SECOND", status: "inactive" }];
  const { listed, nextLook, sink, updates, watch } = await startWatch({
    heal: true,
    hooks,
    cannotHeal: "ROOMS",
  });

  expect(sink.messages()).toContain(
    'The webhook "globobot: 1:1 rooms" could not be switched on; next try in 10 minutes: Webex answered with 503.',
  );
  expect(updates).toMatchObject([["SECOND", { status: "active" }]]);
  expect(watch.warnings()).toEqual([OFF]);

  listed.hooks = hooks;
  await nextLook();
  expect(updates).toHaveLength(1);
  await nextLook();
  expect(updates).toHaveLength(2);
});

test("it does not heal again within five minutes, because Webex would switch the hook off at its first failure", async () => {
  const { listed, nextLook, updates } = await startWatch({ heal: true, hooks: switchedOff() });
  expect(updates).toHaveLength(1);

  listed.hooks = switchedOff();
  await nextLook();
  expect(updates).toHaveLength(1);

  await nextLook();
  expect(updates).toHaveLength(2);
});

test("when Webex does not answer, that is logged, there is nothing to report, and it asks again", async () => {
  const { listed, nextLook, sink, watch } = await startWatch({ failure: answeredWith(503) });
  expect(watch.report()).toEqual({ lookedAt: null, hooks: [] });
  expect(sink.messages()).toEqual([
    "The Webex webhooks could not be checked; next try in 5 minutes: Webex answered with 503.",
  ]);

  listed.failure = null;
  await nextLook();
  expect(listed.looks).toBe(2);
});

test("told to look again, it checks at once; once stopped, it does not", async () => {
  const { listed, watch } = await startWatch({ hooks: switchedOff() });
  listed.hooks = [rooms, mentions];
  watch.lookAgain();
  await turns();
  expect(listed.looks).toBe(2);
  expect(watch.warnings()).toEqual([]);

  await watch.stop();
  watch.lookAgain();
  await turns();
  expect(listed.looks).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});

test("of several servers one asks Webex, and the others know within ten seconds what it has found", async () => {
  const findings = createFindings();
  const leads = { now: true };
  const leader = await startWatch({ findings, leads, hooks: switchedOff() });
  const other = await startWatch({ findings, leads: { now: false }, heal: true });
  expect(other.listed.looks).toBe(0);
  expect(other.watch.warnings()).toEqual([OFF]);
  expect(other.watch.report()).toEqual(leader.watch.report());
  leader.listed.hooks = [rooms, mentions];
  leader.watch.lookAgain();
  await turns();
  await vi.advanceTimersByTimeAsync(10_000);
  await turns();
  expect(other.watch.warnings()).toEqual([]);
  expect(other.listed.looks).toBe(0);
  expect(other.updates).toEqual([]);
});

test("a server that begins to lead asks Webex itself, at its next check", async () => {
  const leads = { now: false };
  const { watch, listed, nextLook } = await startWatch({ leads, hooks: switchedOff() });
  expect(watch.report().lookedAt).toBeNull();
  leads.now = true;
  await nextLook();
  expect(listed.looks).toBe(1);
  expect(watch.warnings()).toEqual([OFF]);
});
