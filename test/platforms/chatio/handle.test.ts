import { expect, test } from "vitest";
import { refusedAs } from "../../support/chatio.ts";
import { aReaction, createReactionDesk } from "../../support/chatio-handle.ts";

const DONE = "done: replied to the agents";

test("the bot joins, says its sentence to the agents, and leaves", async () => {
  const desk = createReactionDesk();

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.client.calls).toEqual([
    "join_chat chat-1 access",
    "send_event chat-1 access Pizza is on the way!",
    "remove_from_chat chat-1 access",
  ]);
});

test("each step is kept before the next is taken", async () => {
  const desk = createReactionDesk();

  await desk.attempt(aReaction());

  expect(desk.saved).toEqual([
    { joined: true, sent: false, refusal: null, outsideAfter: 0 },
    { joined: true, sent: true, refusal: null, outsideAfter: 0 },
  ]);
});

test("after a crash behind the sending it is not sent again, and the bot leaves", async () => {
  const desk = createReactionDesk();

  await desk.untilSettled(aReaction({ attempts: 2, progress: { joined: true, sent: true } }));

  expect(desk.steps()).toEqual(["leave"]);
});

test("after a crash behind the joining it is sent without joining again", async () => {
  const desk = createReactionDesk();

  await desk.untilSettled(aReaction({ attempts: 2, progress: { joined: true } }));

  expect(desk.steps()).toEqual(["send", "leave"]);
});

test("at a repeated attempt the bot may be in the chat already, and goes on from there", async () => {
  const desk = createReactionDesk();
  desk.client.next("joinChat", refusedAs("validation"));

  expect(await desk.untilSettled(aReaction({ attempts: 2 }))).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave"]);
});

test("to be refused the leaving because the bot is not in the chat is to have left", async () => {
  const desk = createReactionDesk();
  desk.client.next("leaveChat", refusedAs("validation"));

  expect(await desk.untilSettled(aReaction())).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave"]);
});

test("a job that is not of this platform's making is a mistake, not a call", async () => {
  const desk = createReactionDesk();

  expect(await desk.attempt(aReaction({ payload: { messageId: "message-1" } }))).toBeInstanceOf(Error);

  expect(desk.steps()).toEqual([]);
});
