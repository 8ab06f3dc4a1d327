import { expect, test } from "vitest";
import type { FaultKind } from "../../src/sandbox/faults.ts";
import { timePassesUntil } from "../support/clock.ts";
import { startStoppedStage, type TestStage } from "../support/stage.ts";

const ANA = "ana@example.com";
const ANSWER = "balance for acct100: 40.00 USD";

/** Faults in which nothing was posted, or the answer says nothing against it. */
const HARMLESS: FaultKind[] = ["status-500", "status-503", "reset", "empty-body", "html-body", "other-shape"];
const CALLS = ["GET /messages/:id", "GET /people/me", "POST /messages"];

function repliesIn(stage: TestStage, roomId: string): string[] {
  return stage.webex
    .transcript(roomId)
    .filter(({ author }) => author === "globobot")
    .map(({ text }) => text);
}

async function ask(stage: TestStage): Promise<string> {
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
  await stage.webex.says(ANA, room.id, "@globobot acct100");
  return room.id;
}

/** GET /people/me is asked for once and kept, so that only the first fault meets it. */
test.each(CALLS)("whatever fault meets %s, each question is answered once", async (call) => {
  const stage = await startStoppedStage();
  const kinds = call === "GET /people/me" ? HARMLESS.slice(0, 1) : HARMLESS;
  for (const kind of HARMLESS) stage.webex.faults.inject({ kind, endpoint: call, times: 1 });
  const rooms = await Promise.all(HARMLESS.map(() => ask(stage)));
  await timePassesUntil(() =>
    expect(stage.sink.text().match(/Job done: replied/g)).toHaveLength(rooms.length),
  );
  for (const roomId of rooms) expect(repliesIn(stage, roomId)).toEqual([ANSWER]);
  expect(stage.webex.faults.injected()).toBeGreaterThanOrEqual(kinds.length);
});

test.each(CALLS)(
  "a %s that is never answered is given up after its time-out and made again",
  async (endpoint) => {
    const stage = await startStoppedStage({}, { timeoutMs: 500 });
    stage.webex.faults.inject({ kind: "hang", endpoint, times: 1 });
    const roomId = await ask(stage);
    await timePassesUntil(() => expect(repliesIn(stage, roomId)).toEqual([ANSWER]));
  },
);

test("an answer to POST /messages that is lost is the one case in which the room hears it twice", async () => {
  const stage = await startStoppedStage();
  stage.webex.faults.inject({ kind: "lost-answer", endpoint: "POST /messages", times: 1 });
  const roomId = await ask(stage);
  await timePassesUntil(() => expect(stage.sink.text()).toContain("Job done: replied"));
  expect(repliesIn(stage, roomId)).toEqual([ANSWER, ANSWER]);
});

test.each(["status-429", "status-423"] as const)("%s waits for as long as Retry-After says", async (kind) => {
  const stage = await startStoppedStage();
  stage.webex.faults.inject({ kind, endpoint: "POST /messages", times: 1, retryAfter: "1" });
  const roomId = await ask(stage);
  await timePassesUntil(() => expect(stage.webex.faults.injected()).toBe(1));
  const refusedAt = Date.now();
  await timePassesUntil(() => expect(repliesIn(stage, roomId)).toEqual([ANSWER]));
  expect(Date.now() - refusedAt).toBeGreaterThan(900);
});

test.each([
  ["missing", undefined],
  ["garbage", "rand(30),add(30)"],
])("with Retry-After %s after a 429 the next attempt waits 15 seconds", async (_how, retryAfter) => {
  const stage = await startStoppedStage();
  stage.webex.faults.inject({
    kind: "status-429",
    endpoint: "GET /messages/:id",
    times: 1,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
  await ask(stage);
  await timePassesUntil(() => expect(stage.sink.text()).toContain("nextAttemptAt"));
  const line = stage.sink
    .text()
    .split("\n")
    .find((text) => text.includes("nextAttemptAt"));
  const { time, nextAttemptAt } = JSON.parse(line ?? "{}");
  expect(Date.parse(nextAttemptAt) - time).toBeGreaterThanOrEqual(14_900);
  expect(Date.parse(nextAttemptAt) - time).toBeLessThan(17_000);
});

test("a rate limit of Webex does not hold back chat.io", async () => {
  const stage = await startStoppedStage();
  await stage.install();
  stage.webex.faults.inject({ kind: "status-429", retryAfter: "60" });
  await ask(stage);
  await timePassesUntil(() => expect(stage.webex.faults.injected()).toBe(1));
  await stage.chatio.startChat(1520, "pizza");
  await timePassesUntil(() => expect(stage.sink.text()).toContain("replied to the agents"));
});

test("a message that was deleted meanwhile is dropped", async () => {
  const stage = await startStoppedStage();
  stage.webex.faults.inject({ kind: "status-503", endpoint: "GET /messages/:id", times: 1 });
  const roomId = await ask(stage);
  const message = stage.webex.messages(roomId)[0];
  stage.webex.deleteMessage(message?.id ?? "");
  await timePassesUntil(() => expect(stage.sink.text()).toContain("dropped, the message is gone"));
  expect(repliesIn(stage, roomId)).toEqual([]);
});
