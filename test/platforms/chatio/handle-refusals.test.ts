import { expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
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
