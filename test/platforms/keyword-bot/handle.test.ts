import { describe, expect, test } from "vitest";
import { LeaseLost, PlatformError, StoreError } from "../../../src/errors.ts";
import type { Job } from "../../../src/job.ts";
import type { ChatioClient } from "../../../src/platforms/chatio/client.ts";
import { ANSWER_LOST, type End, NO_ANSWER, refusedAs, UNAVAILABLE } from "../../support/chatio.ts";
import { createReactionDesk } from "../../support/chatio-handle.ts";

const DONE = "done: replied to the agents";
const INVALID = refusedAs("validation");
const NOT_ALLOWED = refusedAs("authorization", 403);
const DISK_FULL = new StoreError("the disk is full");

/** How the calls of a reaction end, by name, where not well; the bot is inside at first after "inside". */
type Course = {
  job?: Partial<Job>;
  inside?: boolean;
  ends?: Partial<Record<keyof ChatioClient, (End | null)[]>>;
  saves?: (Error | null)[];
};

async function deskFor({ inside = false, ends = {}, saves = [] }: Course) {
  const desk = await createReactionDesk();
  if (inside) await desk.isInside();
  desk.next("joinChat", ...(ends.joinChat ?? []));
  desk.next("sendMessage", ...(ends.sendMessage ?? []));
  desk.next("leaveChat", ...(ends.leaveChat ?? []));
  desk.nextSaves(...saves);
  return desk;
}

test("the bot joins, says its sentence to the agents only, and leaves", async () => {
  const desk = await createReactionDesk();

  expect(await desk.untilSettled()).toBe(DONE);

  expect(desk.steps()).toEqual(["join", "send", "leave"]);
  const said = { type: "message", author: "Pizza BOT", text: "Pizza is on the way!", recipients: "agents" };
  expect(desk.seen()).toEqual({ said: [said], isInside: false });
});

test("that the reply was said is saved before the bot leaves", async () => {
  const desk = await createReactionDesk();

  await desk.attempt();

  expect(desk.saved).toEqual([{ sent: 1, refusal: null, outsideAfter: 0 }]);
});

test("a job with another platform's payload throws before any call", async () => {
  const desk = await createReactionDesk();

  expect(await desk.attempt({ payload: { messageId: "message-1" } })).toBeInstanceOf(Error);

  expect(desk.steps()).toEqual([]);
});

describe("the agents are told once, and the bot is out in the end:", () => {
  test.each<[string, Course, string]>([
    [
      "at a repeated attempt the bot may be in the chat already, and goes on from there",
      { inside: true, job: { attempts: 2 } },
      "join send leave",
    ],
    [
      "after a crash of the machine, which may forget an attempt, it goes on from within the chat",
      { inside: true },
      "join send leave",
    ],
    [
      "to be refused the leaving because the bot is not in the chat is to have left",
      { ends: { leaveChat: [ANSWER_LOST] } },
      "join send leave leave",
    ],
    [
      "when sending fails for the moment the bot leaves, and the next attempt makes it good",
      { ends: { sendMessage: [NO_ANSWER] } },
      "join send leave join send leave",
    ],
    [
      "when leaving fails it is tried until it works, without sending again",
      { ends: { leaveChat: [NO_ANSWER, NO_ANSWER, NO_ANSWER] } },
      "join send leave leave leave leave",
    ],
    [
      "when sending and then leaving fail, the next attempt goes on from within the chat",
      { ends: { sendMessage: [NO_ANSWER], leaveChat: [NO_ANSWER] } },
      "join send leave join send leave",
    ],
    [
      "where the bot has left without our hearing of it, it joins again to send",
      { ends: { sendMessage: [NO_ANSWER], leaveChat: [ANSWER_LOST] } },
      "join send leave join send leave",
    ],
    [
      "when the answer to joining is lost the bot leaves, since it may be inside",
      { ends: { joinChat: [ANSWER_LOST] } },
      "join leave join send leave",
    ],
    [
      "when the answer to joining is lost and leaving fails, it is joined already at the next attempt",
      { ends: { joinChat: [ANSWER_LOST], leaveChat: [NO_ANSWER] } },
      "join leave join send leave",
    ],
    [
      "when the database cannot keep that it was sent, it is not sent again",
      { saves: [DISK_FULL] },
      "join send leave leave",
    ],
  ])("%s", async (_what, course, steps) => {
    const desk = await deskFor(course);

    expect(await desk.untilSettled(course.job)).toBe(DONE);

    expect(desk.steps()).toEqual(steps.split(" "));
    expect(desk.seen()).toMatchObject({ said: [{ recipients: "agents" }], isInside: false });
  });

  test("after a crash once the reply was sent, it only leaves", async () => {
    const desk = await deskFor({ inside: true });

    expect(await desk.untilSettled({ attempts: 2, progress: { joined: true, sent: true } })).toBe(DONE);

    expect(desk.steps()).toEqual(["leave"]);
    expect(desk.seen()).toEqual({ said: [], isInside: false });
  });
});

describe("several replies to one message", () => {
  const replies = [
    { text: "Pizza is on the way!", to: "agents" },
    { text: "Refunds take three days.", to: "everyone" },
    { text: "Refunds: macro 12.", to: "agents" },
  ];
  const job = { payload: { account: "1520", chatId: "", replies } };
  const texts = replies.map(({ text }) => text);

  async function deskOfThree(course: Course) {
    const desk = await deskFor(course);
    const here = { ...course.job, payload: { ...job.payload, chatId: desk.chatId } };
    return { desk, here, said: () => desk.seen().said.map(({ text }) => text) };
  }

  test("are said in one stay, in order, each to whom it is meant for, and are kept one by one", async () => {
    const { desk, here } = await deskOfThree({});

    expect(await desk.untilSettled(here)).toBe("done: replied to everyone, and to the agents");

    expect(desk.steps()).toEqual(["join", "send", "send", "send", "leave"]);
    expect(desk.seen().said.map(({ text, recipients }) => `${recipients}: ${text}`)).toEqual([
      `agents: ${texts[0]}`,
      `all: ${texts[1]}`,
      `agents: ${texts[2]}`,
    ]);
    expect(desk.saved.map(({ sent }) => sent)).toEqual([1, 2, 3]);
  });

  test.each<[string, Course, string, number[]]>([
    [
      "after a crash go on with the one that was in hand",
      { inside: true, job: { attempts: 2, progress: { sent: 1 } } },
      "join send send leave",
      [1, 2],
    ],
    [
      "after all were said only leaving is left",
      { inside: true, job: { attempts: 2, progress: { joined: true, sent: 3 } } },
      "leave",
      [],
    ],
    [
      "are not repeated when a later one fails for the moment",
      { ends: { sendMessage: [null, UNAVAILABLE] } },
      "join send send leave join send send leave",
      [0, 1, 2],
    ],
    [
      "are repeated by one at most when the database cannot keep what was said",
      { saves: [null, DISK_FULL] },
      "join send send leave join send leave",
      [0, 1, 2],
    ],
  ])("%s", async (_what, course, steps, said) => {
    const three = await deskOfThree(course);

    expect(await three.desk.untilSettled(three.here)).toMatch(/^done: /);

    expect(three.desk.steps()).toEqual(steps.split(" "));
    expect(three.said()).toEqual(said.map((n) => texts[n]));
    expect(three.desk.seen().isInside).toBe(false);
  });

  test("end with the one that is refused for good; put back, the job goes on with that one", async () => {
    const { desk, here, said } = await deskOfThree({ ends: { sendMessage: [null, NOT_ALLOWED] } });

    expect(await desk.untilSettled(here)).toMatch(/^dead: /);
    expect(said()).toEqual(texts.slice(0, 1));
    expect(await desk.untilSettled({ ...here, attempts: 2 })).toMatch(/^done: /);

    expect(said()).toEqual(texts);
  });

  test("to everyone alone say so", async () => {
    const desk = await createReactionDesk();
    const payload = { account: "1520", chatId: desk.chatId, replies: replies.slice(1, 2) };

    expect(await desk.untilSettled({ payload })).toBe("done: replied to everyone");
  });
});

describe("a job that an earlier release has kept, with one reply to the agents,", () => {
  const kept = (chatId: string) => ({ account: "1520", chatId, reply: "Pizza is on the way!" });

  test("is done", async () => {
    const desk = await createReactionDesk();

    expect(await desk.untilSettled({ payload: kept(desk.chatId) })).toBe(DONE);

    expect(desk.steps()).toEqual(["join", "send", "leave"]);
    expect(desk.seen().said).toMatchObject([{ text: "Pizza is on the way!", recipients: "agents" }]);
  });

  test.each([
    [false, "join send leave"],
    [true, "leave"],
  ])("and that was said: %j, goes on from there", async (sent, steps) => {
    const desk = await deskFor({ inside: true });
    const progress = { joined: true, sent, refusal: null, outsideAfter: 0 };

    expect(await desk.untilSettled({ payload: kept(desk.chatId), attempts: 2, progress })).toBe(DONE);

    expect(desk.steps()).toEqual(steps.split(" "));
  });
});

describe("a final refusal ends the job, and the bot is out:", () => {
  const dead = (status: number, type: string) =>
    new RegExp(`^dead: chat\\.io answered \\w+ with ${status}, ${type}\\.$`);
  const forbidden = dead(403, "authorization");

  test.each<[string, Course, RegExp, string]>([
    [
      "where joining is refused, nothing else is tried",
      { ends: { joinChat: [NOT_ALLOWED] } },
      forbidden,
      "join",
    ],
    [
      "a chat that does not exist is refused at the first attempt",
      { ends: { joinChat: [INVALID], sendMessage: [INVALID], leaveChat: [INVALID] } },
      dead(400, "validation"),
      "join send leave",
    ],
    [
      "where sending is refused the bot leaves, and that is the reason",
      { ends: { sendMessage: [NOT_ALLOWED] } },
      forbidden,
      "join send leave",
    ],
    [
      "that it leaves after a refusal is tried until it works, and the first reason stays",
      { ends: { sendMessage: [NOT_ALLOWED], leaveChat: [NO_ANSWER, NO_ANSWER] } },
      forbidden,
      "join send leave leave leave",
    ],
    [
      "where joining is refused at a repeated attempt, the bot leaves in case it is inside",
      { inside: true, job: { attempts: 2 }, ends: { joinChat: [refusedAs("license_expired", 402)] } },
      dead(402, "license_expired"),
      "join leave",
    ],
    [
      "a chat that is gone by the repeated attempt makes no endless round",
      { job: { attempts: 2 }, ends: { joinChat: [INVALID], sendMessage: [INVALID], leaveChat: [INVALID] } },
      dead(400, "validation"),
      "join send leave",
    ],
    [
      "a refusal that the database cannot keep at once is still a refusal",
      { ends: { sendMessage: [NOT_ALLOWED] }, saves: [DISK_FULL] },
      forbidden,
      "join send leave",
    ],
    [
      "after an attempt that ended outside for certain, a refusal at the next needs no leaving",
      { ends: { joinChat: [{ kind: "status-429" }, NOT_ALLOWED] } },
      forbidden,
      "join join",
    ],
    [
      "after an attempt that ended in a crash, the bot may be inside whatever was known before",
      {
        inside: true,
        job: { attempts: 3, progress: { outsideAfter: 1 } },
        ends: { joinChat: [NOT_ALLOWED] },
      },
      forbidden,
      "join leave",
    ],
  ])("%s", async (_what, course, end, steps) => {
    const desk = await deskFor(course);

    expect(await desk.untilSettled(course.job)).toMatch(end);

    expect(desk.steps()).toEqual(steps.split(" "));
    expect(desk.seen()).toEqual({ said: [], isInside: false });
  });

  test("a final refusal of leaving, after the reply, ends the job with that reason", async () => {
    const desk = await deskFor({ ends: { leaveChat: [NOT_ALLOWED] } });

    expect(await desk.untilSettled()).toMatch(forbidden);

    expect(desk.steps()).toEqual(["join", "send", "leave"]);
  });

  test("a job that died while leaving starts again when it is retried, without the old refusal", async () => {
    const gone = refusedAs("needs_reinstall");
    const desk = await deskFor({ ends: { joinChat: [gone], leaveChat: [gone] } });
    await desk.untilSettled({ attempts: 2 });

    expect(await desk.untilSettled({ attempts: 2, progress: desk.saved.at(-1) ?? {} })).toBe(DONE);
  });
});

describe("an attempt that fails", () => {
  test("says why sending failed, not that leaving worked", async () => {
    const desk = await deskFor({ ends: { sendMessage: [UNAVAILABLE] } });

    expect(await desk.attempt()).toMatchObject({
      message: "chat.io answered send_event with 503.",
      mustSucceed: false,
    });
  });

  test("must be retried while the bot may be inside, after the wait that chat.io asks for", async () => {
    const desk = await deskFor({ ends: { leaveChat: [{ kind: "status-429", retryAfter: "7" }] } });

    const failure = await desk.attempt();

    expect(failure).toMatchObject({ status: 429, retryAfterMs: 7000, retryable: true, mustSucceed: true });
    expect(String(failure)).toContain("The bot may still be in the chat: chat.io answered remove_from_chat");
  });

  test("must also be retried until the bot has left after a refusal", async () => {
    const desk = await deskFor({ ends: { sendMessage: [NOT_ALLOWED], leaveChat: [NO_ANSWER] } });

    expect(await desk.attempt()).toMatchObject({ retryable: true, mustSucceed: true });
  });

  test.each([
    ["while the database keeps failing", DISK_FULL],
    ["after the job was lost to another worker", new LeaseLost("the lease ran out")],
  ])("%s leaves, and says so", async (_when, failure) => {
    const desk = await deskFor({ saves: [failure, failure] });

    expect(await desk.attempt()).toBe(failure);

    expect(desk.steps()).toEqual(["join", "send", "leave"]);
    expect(desk.seen().isInside).toBe(false);
  });

  test("because of the database, while the bot has to leave, must be retried", async () => {
    const desk = await deskFor({ ends: { leaveChat: [refusedAs("authentication", 401)] } });
    desk.failAfterCall(new StoreError("the tokens could not be read"));

    expect(await desk.attempt()).toMatchObject({ wasAsked: false, retryable: true, mustSucceed: true });
  });

  test("does not undo a join whose token was refused and could not be renewed", async () => {
    const desk = await deskFor({ ends: { joinChat: [refusedAs("authentication", 401)] } });
    const unrenewed = new PlatformError("chat.io did not answer refresh.", { retryable: true });
    desk.failAfterCall(unrenewed);

    expect(await desk.attempt()).toBe(unrenewed);

    expect(desk.steps()).toEqual(["join"]);
  });

  test.each<[string, Course, string]>([
    [
      "at sending and then at leaving",
      { ends: { sendMessage: [UNAVAILABLE], leaveChat: [UNAVAILABLE] } },
      "chat.io answered send_event with 503. Then the bot could not leave: chat.io answered remove_from_chat with 503.",
    ],
    [
      "at leaving after an earlier refusal",
      {
        job: { attempts: 2, progress: { joined: true, sent: false, refusal: "Not allowed." } },
        ends: { leaveChat: [UNAVAILABLE] },
      },
      "Not allowed. Then the bot could not leave: chat.io answered remove_from_chat with 503.",
    ],
  ])("%s names both, the first cause first", async (_where, course, message) => {
    const desk = await deskFor(course);

    expect(await desk.attempt(course.job)).toMatchObject({ message, retryable: true });
  });

  test("for good at leaving names that first, and why sending failed", async () => {
    const leaveChat = [refusedAs("license_expired", 402)];
    const desk = await deskFor({ ends: { sendMessage: [UNAVAILABLE], leaveChat } });

    expect(await desk.untilSettled()).toBe(
      "dead: chat.io answered remove_from_chat with 402, license_expired. Before that: chat.io answered send_event with 503.",
    );
  });
});

describe("a reaction that has waited for longer than REACTION_MAX_AGE", () => {
  const MAX_AGE_MS = 60_000;
  const DROPPED = "done: dropped, it has waited for longer than REACTION_MAX_AGE";
  const waited = (ms: number) => ({ acceptedAt: Date.now() - ms });

  test.each<[string, Partial<Job>, string, string]>([
    ["is dropped without a call", {}, DROPPED, ""],
    ["leaves first at a repeated attempt, at which the bot may be inside", { attempts: 2 }, DROPPED, "leave"],
    [
      "leaves first where an earlier release has joined, whatever the attempt",
      { progress: { joined: true } },
      DROPPED,
      "leave",
    ],
    ["and was sent leaves as usual", { attempts: 2, progress: { joined: true, sent: true } }, DONE, "leave"],
    [
      "and was refused leaves, and keeps its reason",
      { attempts: 2, progress: { joined: true, sent: false, refusal: "Not allowed." } },
      "dead: Not allowed.",
      "leave",
    ],
  ])("%s", async (_what, job, end, steps) => {
    const desk = await createReactionDesk({ reactionMaxAgeMs: MAX_AGE_MS });
    if (steps !== "") await desk.isInside();

    expect(await desk.untilSettled({ ...job, ...waited(MAX_AGE_MS + 1) })).toBe(end);

    expect(desk.steps()).toEqual(steps.split(" ").filter((step) => step !== ""));
    expect(desk.seen()).toEqual({ said: [], isInside: false });
  });

  test("is not dropped before the bot has left", async () => {
    const desk = await createReactionDesk({ reactionMaxAgeMs: MAX_AGE_MS });
    desk.next("leaveChat", NO_ANSWER);

    expect(await desk.untilSettled({ attempts: 2, ...waited(MAX_AGE_MS + 1) })).toBe(DROPPED);

    expect(desk.steps()).toEqual(["leave", "leave"]);
  });

  test("is made if it has waited for less", async () => {
    const desk = await createReactionDesk({ reactionMaxAgeMs: MAX_AGE_MS });

    expect(await desk.untilSettled(waited(MAX_AGE_MS - 10_000))).toBe(DONE);
  });
});
