import { expect, test } from "vitest";
import { noAnswer, refusedAs } from "../../support/chatio.ts";
import { aReaction, createReactionDesk } from "../../support/chatio-handle.ts";

const MAX_AGE_MS = 60_000;
const DROPPED = "done: dropped, it has waited for longer than REACTION_MAX_AGE";

const desk = () => createReactionDesk({ reactionMaxAgeMs: MAX_AGE_MS });
const tooOld = () => Date.now() - MAX_AGE_MS - 1;

test("a reaction that has waited for longer than REACTION_MAX_AGE is dropped without a call", async () => {
  const { client, untilSettled } = desk();

  expect(await untilSettled(aReaction({ acceptedAt: tooOld() }))).toBe(DROPPED);

  expect(client.calls).toEqual([]);
});

test("one that has not waited for so long is made", async () => {
  const { steps, untilSettled } = desk();

  expect(await untilSettled(aReaction({ acceptedAt: Date.now() - MAX_AGE_MS + 10_000 }))).toBe(
    "done: replied to the agents",
  );

  expect(steps()).toEqual(["join", "send", "leave"]);
});

test("at a repeated attempt the bot may be inside, so it leaves before the reaction is dropped", async () => {
  const { steps, untilSettled } = desk();

  expect(await untilSettled(aReaction({ attempts: 2, acceptedAt: tooOld() }))).toBe(DROPPED);

  expect(steps()).toEqual(["leave"]);
});

test("one that is dropped is not dropped before the bot is out", async () => {
  const { client, steps, untilSettled } = desk();
  client.next("leaveChat", noAnswer(), refusedAs("validation"));

  expect(await untilSettled(aReaction({ attempts: 2, acceptedAt: tooOld() }))).toBe(DROPPED);

  expect(steps()).toEqual(["leave", "leave"]);
});

test("one that has joined before it became too old leaves, even where the attempt does not count", async () => {
  // A worker that stops gives jobs back as if they had not been claimed, but with their progress.
  const { steps, untilSettled } = desk();
  const givenBack = aReaction({ attempts: 1, progress: { joined: true }, acceptedAt: tooOld() });

  expect(await untilSettled(givenBack)).toBe(DROPPED);

  expect(steps()).toEqual(["leave"]);
});

test("one that was sent is not too old to leave", async () => {
  const { steps, untilSettled } = desk();
  const sent = aReaction({ attempts: 2, progress: { joined: true, sent: true }, acceptedAt: tooOld() });

  expect(await untilSettled(sent)).toBe("done: replied to the agents");

  expect(steps()).toEqual(["leave"]);
});

test("one that was refused is not too old to leave, and keeps its reason", async () => {
  const { steps, untilSettled } = desk();
  const progress = { joined: true, sent: false, refusal: "Not allowed." };

  expect(await untilSettled(aReaction({ attempts: 2, progress, acceptedAt: tooOld() }))).toBe(
    "dead: Not allowed.",
  );

  expect(steps()).toEqual(["leave"]);
});
