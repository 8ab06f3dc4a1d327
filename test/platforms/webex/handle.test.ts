import { describe, expect, test } from "vitest";
import { createSampleLedger } from "../../../src/accounts.ts";
import { StoreError } from "../../../src/errors.ts";
import { createWebexClient } from "../../../src/platforms/webex/client.ts";
import { createHandle } from "../../../src/platforms/webex/handle.ts";
import { aJob } from "../../support/jobs.ts";
import { createGlobobot, refusedWith } from "../../support/webex-desk.ts";

const TEXT = "balance for acct100: 40.00 USD";
const HOW_TO_ASK = expect.stringMatching(
  /^Hello! I look up account balances\. End your message with the account ID/,
);

test("the message is read, the bot asked who it is, and the balance told in the message's room", async () => {
  const { calls, handle, replies, room, write } = await createGlobobot();
  const { id } = await write("@globobot acct100");

  expect(await handle(id)).toBe("replied");

  expect(calls()).toEqual(["GET /messages/:id", "GET /people/me", "POST /messages"]);
  expect(replies()).toEqual([{ roomId: room.id, text: TEXT }]);
});

test("a question in a thread is answered in that thread, under its first message", async () => {
  const { handle, replies, room, write } = await createGlobobot();
  const { id: parentId } = await write("about accounts");
  const { id } = await write("@globobot acct100", { parentId });

  await handle(id);

  expect(replies()).toEqual([{ roomId: room.id, parentId, text: TEXT }]);
});

test.each([
  ["in a 1:1 room without being mentioned", "direct", "acct200", "balance for acct200: -10.00 USD"],
  ["when it is mentioned after the account ID", "group", "acct100 @globobot", TEXT],
  ["without text, saying how to ask", "direct", null, HOW_TO_ASK],
] as const)("the bot answers %s", async (_what, type, text, reply) => {
  const { handle, replies, write } = await createGlobobot({}, type);
  const { id } = await write(text ?? "", { omitText: text === null });

  await handle(id);

  expect(replies()).toMatchObject([{ text: reply }]);
});

test.each([
  ["its own message", "globobot@webex.bot", "ignored, it is the bot's own message"],
  ["another bot's message", "other@webex.bot", "ignored, it is another bot's message"],
])("the bot does not answer %s", async (_name, from, outcome) => {
  const { handle, replies, write } = await createGlobobot({}, "direct");
  const { id } = await write("acct100", { from });

  expect(await handle(id)).toBe(outcome);

  expect(replies()).toEqual([]);
});

test.each([
  [["bob@example.com", "@globex.example"], "ignored, the sender is not in WT_ALLOWED_SENDERS", 0],
  [["@example.com"], "replied", 1],
])("with %j on the list Ana's question is %s", async (allowedSenders, outcome, count) => {
  for (const replyPrivately of [false, true]) {
    const { handle, replies, write } = await createGlobobot({ allowedSenders, replyPrivately }, "direct");
    const { id } = await write("acct100");

    expect(await handle(id)).toBe(outcome);

    expect(replies()).toHaveLength(count);
  }
});

test("a message that is gone is dropped", async () => {
  const { calls, handle, sandbox, write } = await createGlobobot();
  const { id } = await write("@globobot acct100");
  sandbox.deleteMessage(id);

  expect(await handle(id)).toBe("dropped, the message is gone or the bot may not see it");

  expect(calls()).toEqual(["GET /messages/:id"]);
});

test.each([403, 410, 503])(
  "when reading the message is answered with %d, that is what the job ends with",
  async (status) => {
    const { handle, next, replies, write } = await createGlobobot();
    const { id } = await write("@globobot acct100");
    next("GET /messages/:id", refusedWith(status));

    await expect(handle(id)).rejects.toMatchObject({ status });

    expect(replies()).toEqual([]);
  },
);

test("a room that is gone when the reply is sent is no message that is gone", async () => {
  const { handle, next, write } = await createGlobobot();
  const { id } = await write("@globobot acct100");
  next("POST /messages", refusedWith(404));

  await expect(handle(id)).rejects.toMatchObject({ status: 404 });
});

test("while the bot does not know who it is, it answers nobody, and asks again", async () => {
  const { handle, next, replies, write } = await createGlobobot();
  const { id } = await write("@globobot acct100");
  next("GET /people/me", refusedWith(503));

  await expect(handle(id)).rejects.toMatchObject({ status: 503, retryable: true });
  expect(replies()).toEqual([]);

  expect(await handle(id)).toBe("replied");
});

test("the bot asks who it is once, however many questions come at once", async () => {
  const { calls, handle, write } = await createGlobobot();
  const messages = await Promise.all(Array.from({ length: 10 }, () => write("@globobot acct100")));

  await Promise.all(messages.map(({ id }) => handle(id)));

  expect(calls().filter((name) => name === "GET /people/me")).toHaveLength(1);
});

test("a question that has waited for more than 15 minutes is dropped without a call, a younger one answered", async () => {
  const { calls, handle, write } = await createGlobobot();
  const { id } = await write("@globobot acct100");

  expect(await handle(id, { ageMs: 900_001 })).toBe("dropped, it has waited for more than 15 minutes");
  expect(calls()).toEqual([]);

  expect(await handle(id, { ageMs: 890_000 })).toBe("replied");
});

describe("where balances are told privately", () => {
  const startPrivate = async (type: "group" | "direct" = "group") => {
    const bot = await createGlobobot({ replyPrivately: true }, type);
    const ask = async (options = {}) => bot.write(`${type === "group" ? "@globobot " : ""}acct100`, options);
    return { ...bot, ask, sent: { roomId: bot.room.id, text: "I have sent it to you." } };
  };

  test("in a group the sender alone is told the balance, and the room only that it was sent", async () => {
    const { ask, handle, replies, sent } = await startPrivate();
    const { id, personId } = await ask();

    expect(await handle(id)).toBe("replied to the sender alone");

    expect(replies()).toEqual([{ toPersonId: personId, text: TEXT }, sent]);
  });

  test("in a thread it is the thread that is told", async () => {
    const { ask, handle, replies, sent, write } = await startPrivate();
    const { id: parentId } = await write("about accounts");
    const { id } = await ask({ parentId });

    await handle(id);

    expect(replies()[1]).toEqual({ ...sent, parentId });
  });

  test("a 1:1 room is private as it is", async () => {
    const { ask, handle, replies, room } = await startPrivate("direct");
    const { id } = await ask();

    expect(await handle(id)).toBe("replied");

    expect(replies()).toEqual([{ roomId: room.id, text: TEXT }]);
  });

  test("a room of an unknown type is taken for a group", async () => {
    const { ask, replies, sandbox } = await startPrivate("direct");
    const client = createWebexClient({ apiUrl: sandbox.apiUrl, token: "bot-token-invented" });
    const getMessage = async (id: string) => ({ ...(await client.getMessage(id)), roomType: undefined });
    const handle = createHandle({
      client: { ...client, getMessage },
      getMe: client.getMe,
      ledger: createSampleLedger(),
      allowedSenders: null,
      replyPrivately: true,
    });
    const { id } = await ask();
    const job = {
      ...aJob({ payload: { messageId: id } }),
      attempts: 1,
      acceptedAt: Date.now(),
      progress: {},
    };

    expect(await handle(job, async () => {})).toBe("replied to the sender alone");

    expect(replies()).toHaveLength(2);
  });

  test("when the room cannot be told, the next attempt does not tell the sender again", async () => {
    const { ask, handle, replies, room, sandbox, saved, sent } = await startPrivate();
    const { id, personId } = await ask();
    // After the sender was told, the room's turn comes.
    const save = async () => {
      saved.push({ told: true });
      sandbox.faults.inject({ kind: "status-503", endpoint: "POST /messages", times: 1 });
    };

    await expect(handle(id, { save })).rejects.toMatchObject({ status: 503 });
    expect(saved).toEqual([{ told: true }]);
    expect(sandbox.messages(room.id)).toHaveLength(1);
    expect(await handle(id, { progress: { told: true } })).toBe("replied to the sender alone");

    expect(replies()).toEqual([{ toPersonId: personId, text: TEXT }, sent]);
  });

  test("when the sender cannot be told, neither is the room", async () => {
    const { ask, handle, next, replies, saved } = await startPrivate();
    const { id } = await ask();
    next("POST /messages", refusedWith(503));

    await expect(handle(id)).rejects.toMatchObject({ status: 503 });

    expect(replies()).toEqual([]);
    expect(saved).toEqual([]);
  });

  test("that the sender was told is kept before the room is", async () => {
    const { ask, handle, replies } = await startPrivate();
    const { id, personId } = await ask();
    const save = () => Promise.reject(new StoreError("the disk is full"));

    await expect(handle(id, { save })).rejects.toThrow(StoreError);

    expect(replies()).toEqual([{ toPersonId: personId, text: TEXT }]);
  });
});
