import { expect, test } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import type { Fault, FaultKind } from "../../src/sandbox/faults.ts";
import { timePassesUntil } from "../support/clock.ts";
import {
  isBotIn,
  pizzaLines,
  startInstalledStage,
  startStoppedStage,
  type TestStage,
} from "../support/stage.ts";

const SAID = "Pizza is on the way!";
const ANA = "ana@example.com";
const ANSWER = "balance for acct100: 40.00 USD";
const STEPS = ["join_chat", "send_event", "remove_from_chat"];

/** No call takes longer. */
const QUICK = { timeoutMs: 500 };

/** Faults after which the call can be made again, or after which it has been carried out. */
const HARMLESS: FaultKind[] = [
  "status-500",
  "status-503",
  "status-423",
  "reset",
  "hang",
  "empty-body",
  "html-body",
  "other-shape",
];
/** What proxies, firewalls and load balancers answer; none of it is the platform's own refusal. */
const GATEWAYS = [302, 401, 403, 404, 407, 421, 425];
const FAULTS: Fault[] = [
  ...HARMLESS.map((kind) => ({ kind, retryAfter: "1" })),
  ...GATEWAYS.map((status) => ({ kind: "gateway" as const, status })),
];

async function untilSaidAndLeft(stage: TestStage, chatId: string, times = 1): Promise<void> {
  await timePassesUntil(() => {
    expect(pizzaLines(stage, chatId)).toEqual(Array(times).fill(SAID));
    expect(isBotIn(stage, chatId)).toBe(false);
  });
}

/** Ana asks for a balance in a room of her own; what globobot has answered there so far. */
async function ask({ webex }: TestStage): Promise<() => string[]> {
  const room = webex.addRoom({ title: "Accounts", members: [ANA] });
  await webex.says(ANA, room.id, "@globobot acct100");
  const isReply = ({ author }: { author: string }) => author === "globobot";
  return () =>
    webex
      .transcript(room.id)
      .filter(isReply)
      .map(({ text }) => text);
}

test.each(STEPS)(
  "whatever fault meets %s, the agents of each chat are told once, and the bot is out",
  async (endpoint) => {
    const stage = await startInstalledStage({}, QUICK);
    for (const fault of FAULTS) stage.chatio.faults.inject({ ...fault, endpoint, times: 1 });
    const chats = await Promise.all(FAULTS.map(() => stage.chatio.startChat(LICENSE, "pizza")));

    for (const { chatId } of chats) await untilSaidAndLeft(stage, chatId);

    await timePassesUntil(() =>
      expect(stage.sink.text().match(/replied to the agents/g)).toHaveLength(FAULTS.length),
    );
    expect(stage.sink.text()).not.toContain("Job dead");
    expect(stage.chatio.faults.injected()).toBe(FAULTS.length);
  },
);

// GET /people/me is asked once and kept, so only a few faults meet it.
test.each([
  ["GET /messages/:id", FAULTS.length],
  ["GET /people/me", 1],
  ["POST /messages", FAULTS.length],
])("whatever fault meets %s, each question is answered once", async (endpoint, least) => {
  const stage = await startStoppedStage({}, QUICK);
  for (const fault of FAULTS) stage.webex.faults.inject({ ...fault, endpoint, times: 1 });
  const answers = await Promise.all(FAULTS.map(() => ask(stage)));

  await timePassesUntil(() =>
    expect(stage.sink.text().match(/Job done: replied/g)).toHaveLength(FAULTS.length),
  );

  for (const answered of answers) expect(answered()).toEqual([ANSWER]);
  expect(stage.webex.faults.injected()).toBeGreaterThanOrEqual(least);
  expect(stage.sink.text()).not.toContain("refuses WT_API_TOKEN");
});

test.each([
  ["join_chat", 1],
  ["remove_from_chat", 1],
  ["send_event", 2],
])(
  "an answer of %s that is lost after the work was done: the agents are told %d times",
  async (endpoint, times) => {
    const stage = await startInstalledStage({}, QUICK);
    stage.chatio.faults.inject({ kind: "lost-answer", endpoint, times: 1 });
    const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
    await untilSaidAndLeft(stage, chatId, times);
  },
);

test("an answer to POST /messages that is lost is the one case in which the room is told twice", async () => {
  const stage = await startStoppedStage();
  stage.webex.faults.inject({ kind: "lost-answer", endpoint: "POST /messages", times: 1 });
  const answered = await ask(stage);
  await timePassesUntil(() => expect(stage.sink.text()).toContain("Job done: replied"));
  expect(answered()).toEqual([ANSWER, ANSWER]);
});

test.each(["cut-body", "huge-body", "broken-gzip"] as const)(
  "a good answer with a %s has done what it says: nothing is said twice",
  async (kind) => {
    const stage = await startInstalledStage({}, QUICK);
    for (const endpoint of STEPS) stage.chatio.faults.inject({ kind, endpoint });
    stage.webex.faults.inject({ kind, endpoint: "POST /messages" });
    const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
    const answered = await ask(stage);

    await timePassesUntil(() => expect(stage.sink.text().match(/Job done/g)).toHaveLength(2));

    expect(pizzaLines(stage, chatId)).toEqual([SAID]);
    expect(isBotIn(stage, chatId)).toBe(false);
    expect(answered()).toEqual([ANSWER]);
    expect(stage.chatio.calls.slice(-3).map(({ name }) => name)).toEqual(STEPS);
  },
);

test("a rate limit holds back its own license only, and work resumes by itself when it is over", async () => {
  const stage = await startInstalledStage({}, QUICK);
  stage.chatio.addLicense(2001);
  stage.chatio.signIn(2001);
  await stage.install();
  const limited = await stage.chatio.startChat(LICENSE, "hello");
  stage.chatio.faults.inject({ kind: "status-429", endpoint: "join_chat", times: 1, retryAfter: "3" });
  const limitedAt = Date.now();
  await stage.chatio.customerWrites(limited.chatId, "pizza");
  await timePassesUntil(() => expect(stage.chatio.faults.injected()).toBe(1));

  const second = await stage.chatio.startChat(LICENSE, "pizza");
  const free = await stage.chatio.startChat(2001, "pizza");
  const answered = await ask(stage);
  await timePassesUntil(() => {
    expect(pizzaLines(stage, free.chatId)).toEqual([SAID]);
    expect(answered()).toEqual([ANSWER]);
  }, 2900);
  expect(Date.now() - limitedAt).toBeLessThan(3000);
  expect(pizzaLines(stage, second.chatId)).toEqual([]);

  for (const { chatId } of [limited, second]) await untilSaidAndLeft(stage, chatId);
  expect(Date.now() - limitedAt).toBeGreaterThanOrEqual(3000);
});

test("a reaction that has waited for longer than REACTION_MAX_AGE is dropped, and the bot is out", async () => {
  const stage = await startInstalledStage({ REACTION_MAX_AGE: "1s" });
  stage.chatio.faults.inject({ kind: "status-503", endpoint: "send_event" });
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await timePassesUntil(() => expect(stage.sink.text()).toContain("longer than REACTION_MAX_AGE"));
  expect(pizzaLines(stage, chatId)).toEqual([]);
  expect(isBotIn(stage, chatId)).toBe(false);
});
