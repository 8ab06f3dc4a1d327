import { expect, test } from "vitest";
import { PlatformError, StoreError } from "../../../src/errors.ts";
import { noAnswer, refusedAs } from "../../support/chatio.ts";
import { aReaction, createReactionDesk } from "../../support/chatio-handle.ts";

const DEAD = "dead: chat.io answered with 403, authorization.";

test("where joining is refused for good, nothing else is tried", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", refusedAs("authorization", 403));

  expect(await desk.untilSettled(aReaction())).toBe(DEAD);

  expect(desk.steps()).toEqual(["join"]);
});

test("a chat that does not exist is refused for good at the first attempt", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", refusedAs("validation"));

  expect(await desk.untilSettled(aReaction())).toBe("dead: chat.io answered with 400, validation.");

  expect(desk.steps()).toEqual(["join"]);
});

test("where sending is refused for good the bot leaves, and the job is dead for that reason", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", refusedAs("authorization", 403));

  expect(await desk.untilSettled(aReaction())).toBe(DEAD);

  expect(desk.steps()).toEqual(["join", "send", "leave"]);
});

test("that it leaves after a refusal is tried until it works, and the first reason stays", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", refusedAs("authorization", 403));
  desk.client.next("leaveChat", noAnswer(), noAnswer());

  expect(await desk.untilSettled(aReaction())).toBe(DEAD);

  expect(desk.steps()).toEqual(["join", "send", "leave", "leave", "leave"]);
});

test("until the bot has left after a refusal, the job must not be given up", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", refusedAs("authorization", 403));
  desk.client.next("leaveChat", noAnswer());

  expect(await desk.attempt(aReaction())).toMatchObject({ retryable: true, mustSucceed: true });
});

test("where joining is refused for good at a repeated attempt, the bot leaves in case it is inside", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", refusedAs("license_expired", 402));

  const end = await desk.untilSettled(aReaction({ attempts: 2 }));

  expect(end).toBe("dead: chat.io answered with 402, license_expired.");
  expect(desk.steps()).toEqual(["join", "leave"]);
});

test("a chat that is gone by the repeated attempt ends the job, not in an endless round", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", refusedAs("validation"));
  desk.client.next("sendToAgents", refusedAs("validation"));
  desk.client.next("leaveChat", refusedAs("validation"));

  const end = await desk.untilSettled(aReaction({ attempts: 2 }));

  expect(end).toBe("dead: chat.io answered with 400, validation.");
  expect(desk.steps()).toEqual(["join", "send", "leave"]);
});

test("a reply that is refused even after joining again ends the job", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", refusedAs("validation"), refusedAs("validation"));

  const end = await desk.untilSettled(aReaction({ attempts: 2, progress: { joined: true } }));

  expect(end).toBe("dead: chat.io answered with 400, validation.");
  expect(desk.steps()).toEqual(["send", "join", "send", "leave"]);
});

test("a leaving that is refused for good ends the job with that reason, after the reply", async () => {
  const desk = createReactionDesk();
  desk.client.next("leaveChat", refusedAs("authorization", 403));

  expect(await desk.untilSettled(aReaction())).toBe(DEAD);

  expect(desk.steps()).toEqual(["join", "send", "leave"]);
});

test("a refusal that the database cannot keep at once is still a refusal", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", refusedAs("authorization", 403));
  desk.nextSaves(null, new StoreError("the disk is full"));

  expect(await desk.untilSettled(aReaction())).toBe(DEAD);

  expect(desk.steps()).toEqual(["join", "send", "leave"]);
});

test("a job that died while it tried to leave begins anew when it is put back, not with the old refusal", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", refusedAs("needs_reinstall"));
  desk.client.next("leaveChat", refusedAs("needs_reinstall"));
  await desk.untilSettled(aReaction({ attempts: 2 }));

  const again = await desk.untilSettled(aReaction({ attempts: 2, progress: desk.saved.at(-1) ?? {} }));

  expect(again).toBe("done: replied to the agents");
});

test("after an attempt that ended outside for certain, a refusal at the next needs no leaving", async () => {
  const desk = createReactionDesk();
  const limited = new PlatformError("Slow down.", { status: 429, retryable: true, wasNotDone: true });
  desk.client.next("joinChat", limited, refusedAs("authorization", 403));

  expect(await desk.untilSettled(aReaction())).toBe(DEAD);

  expect(desk.steps()).toEqual(["join", "join"]);
});

test("after an attempt that ended in a crash, the bot may be inside whatever was known before", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", refusedAs("authorization", 403));

  const end = await desk.untilSettled(aReaction({ attempts: 3, progress: { outsideAfter: 1 } }));

  expect(end).toBe(DEAD);
  expect(desk.steps()).toEqual(["join", "leave"]);
});

test("a join whose token was refused, and could not be renewed, is not undone", async () => {
  const desk = createReactionDesk();
  const unrenewed = new PlatformError("chat.io did not answer refresh.", { retryable: true });
  desk.client.next("joinChat", refusedAs("authentication", 401));
  desk.failAfterCall(unrenewed);

  expect(await desk.attempt(aReaction())).toBe(unrenewed);

  expect(desk.steps()).toEqual(["join"]);
});

test("while it cannot leave after a refusal, every attempt's error begins with the refusal", async () => {
  const desk = createReactionDesk();
  desk.client.next("leaveChat", noAnswer());
  const progress = { joined: true, sent: false, refusal: "chat.io answered send_event with 403." };

  expect(await desk.attempt(aReaction({ attempts: 2, progress }))).toMatchObject({
    message:
      "chat.io answered send_event with 403. Then the bot could not leave: chat.io did not answer (ECONNRESET).",
    mustSucceed: true,
  });
});
