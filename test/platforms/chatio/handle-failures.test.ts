import { expect, test } from "vitest";
import { LeaseLost, StoreError } from "../../../src/errors.ts";
import { noAnswer, refusedAs, unavailable } from "../../support/chatio.ts";
import { aReaction, createReactionDesk } from "../../support/chatio-handle.ts";

const DONE = "done: replied to the agents";

test("when sending fails for the moment the bot leaves, and the next attempt makes it good", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", noAnswer());

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave", "join", "send", "leave"]);
});

test("the attempt that failed says why sending failed, not that leaving worked", async () => {
  const desk = createReactionDesk();
  const failure = noAnswer();
  desk.client.next("sendToAgents", failure);

  expect(await desk.attempt(aReaction())).toBe(failure);
});

test("when leaving fails it is tried until it works, without sending again", async () => {
  const desk = createReactionDesk();
  desk.client.next("leaveChat", noAnswer(), noAnswer(), noAnswer());

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave", "leave", "leave", "leave"]);
});

test("a bot that may still be inside must not be given up, and the error says so", async () => {
  const desk = createReactionDesk();
  desk.client.next("leaveChat", noAnswer());

  const failure = await desk.attempt(aReaction());

  expect(failure).toMatchObject({ retryable: true, mustSucceed: true });
  expect(String(failure)).toContain("The bot may still be in the chat: chat.io did not answer");
});

test("the wait that chat.io asks for when leaving is handed on", async () => {
  const desk = createReactionDesk();
  desk.client.next("leaveChat", Object.assign(noAnswer(), { status: 429, retryAfterMs: 7000 }));

  const failure = await desk.attempt(aReaction());

  expect(failure).toMatchObject({ status: 429, retryAfterMs: 7000, mustSucceed: true });
});

test("when sending and then leaving fail, the next attempt sends from within the chat", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", noAnswer());
  desk.client.next("leaveChat", noAnswer());

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave", "send", "leave"]);
});

test("where the bot has left without our hearing of it, it joins again to send", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", noAnswer(), refusedAs("validation"));
  desk.client.next("leaveChat", noAnswer());

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave", "send", "join", "send", "leave"]);
});

test("when the answer to joining is lost the bot leaves, since it may be inside", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", noAnswer());

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "leave", "join", "send", "leave"]);
});

test("when the answers to joining and to leaving are lost, it is joined already at the next attempt", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", noAnswer(), refusedAs("validation"));
  desk.client.next("leaveChat", noAnswer());

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "leave", "join", "send", "leave"]);
});

test("when the answer to leaving is lost, “not in the chat” at the next attempt is to have left", async () => {
  const desk = createReactionDesk();
  desk.client.next("leaveChat", noAnswer(), refusedAs("validation"));

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave", "leave"]);
});

test("when the database cannot keep that it was sent, the bot leaves and it is not sent again", async () => {
  const desk = createReactionDesk();
  desk.nextSaves(null, new StoreError("the disk is full"));

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave", "leave"]);
});

test("when the database keeps failing the bot is not left in the chat for it", async () => {
  const desk = createReactionDesk();
  desk.nextSaves(new StoreError("the disk is full"), new StoreError("the disk is full"));

  expect(await desk.attempt(aReaction())).toBeInstanceOf(StoreError);

  expect(desk.steps()).toEqual(["join", "leave"]);
});

test("whoever has lost the job to another worker leaves and says so", async () => {
  const desk = createReactionDesk();
  desk.nextSaves(new LeaseLost("the lease ran out"), new LeaseLost("the lease ran out"));

  expect(await desk.attempt(aReaction())).toBeInstanceOf(LeaseLost);

  expect(desk.steps()).toEqual(["join", "leave"]);
});

test("a database that fails while the bot is to leave is no reason to leave it there", async () => {
  const desk = createReactionDesk();
  desk.client.next("leaveChat", new StoreError("the tokens could not be read"));

  const failure = await desk.attempt(aReaction());

  expect(failure).toMatchObject({ retryable: true, mustSucceed: true });
});

test("when sending and then leaving fail, the error begins with why sending failed", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", unavailable("send_event"));
  desk.client.next("leaveChat", unavailable("remove_from_chat"));

  const failure = await desk.attempt(aReaction());

  expect(failure).toMatchObject({
    message:
      "chat.io answered send_event with 503. Then the bot could not leave: chat.io answered remove_from_chat with 503.",
    status: 503,
    retryable: true,
    mustSucceed: true,
  });
});

test("when the bot cannot join again to send, the error begins with why sending failed", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", refusedAs("validation"));
  desk.client.next("joinChat", unavailable("join_chat"));

  const failure = await desk.attempt(aReaction({ attempts: 2, progress: { joined: true } }));

  expect(failure).toMatchObject({
    message:
      "chat.io answered with 400, validation. Then the bot could not join again: chat.io answered join_chat with 503.",
    retryable: true,
  });
});

test("where leaving is refused for good, what to do comes first, and why sending failed is kept", async () => {
  const desk = createReactionDesk();
  desk.client.next("sendToAgents", unavailable("send_event"));
  desk.client.next("leaveChat", refusedAs("license_expired", 402));

  expect(await desk.untilSettled(aReaction())).toBe(
    "dead: chat.io answered with 402, license_expired. Before that: chat.io answered send_event with 503.",
  );
});
