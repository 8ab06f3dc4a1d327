import { expect, test } from "vitest";
import { createSampleLedger } from "../../../src/accounts.ts";
import type { WebexMessage } from "../../../src/platforms/webex/client.ts";
import { createHandle } from "../../../src/platforms/webex/handle.ts";
import { aJob } from "../../support/jobs.ts";
import { aMessage, answeredWith, createFakeWebex, globobot, MENTION } from "../../support/webex.ts";

/** A bot with one message to answer. */
function createQuestionDesk(message: Partial<WebexMessage> = {}, allowedSenders: string[] | null = null) {
  const client = createFakeWebex(aMessage(message));
  const ledger = createSampleLedger();
  const handle = createHandle({
    client,
    getMe: client.getMe,
    ledger,
    allowedSenders,
    replyPrivately: false,
  });
  return {
    client,
    ask: ({ ageMs = 0 } = {}) => {
      const job = aJob({ payload: { messageId: "MSG1" } });
      const acceptedAt = Date.now() - ageMs;
      return handle({ ...job, attempts: 1, acceptedAt, progress: {} }, async () => {});
    },
  };
}

test("the bot fetches the message and itself, and replies with the balance in the message's room", async () => {
  const { ask, client } = createQuestionDesk();

  expect(await ask()).toBe("replied");

  expect(client.calls).toEqual(["get MSG1", "get me", "reply balance for acct100: 40.00 USD"]);
  expect(client.replies).toEqual([{ roomId: "ROOM1", text: "balance for acct100: 40.00 USD" }]);
});

test("a question in a thread is answered in that thread, under its first message", async () => {
  const { ask, client } = createQuestionDesk({ parentId: "MSG0" });

  await ask();

  expect(client.replies).toEqual([
    { roomId: "ROOM1", parentId: "MSG0", text: "balance for acct100: 40.00 USD" },
  ]);
});

test("in a 1:1 room the bot answers without being mentioned", async () => {
  const { ask, client } = createQuestionDesk({ text: "acct200", html: undefined, mentionedPeople: [] });

  await ask();

  expect(client.replies).toEqual([{ roomId: "ROOM1", text: "balance for acct200: -10.00 USD" }]);
});

test("a mention after the account ID is not taken for the ID", async () => {
  const { ask, client } = createQuestionDesk({ html: `<p>acct100 ${MENTION}</p>` });

  await ask();

  expect(client.replies[0]?.text).toBe("balance for acct100: 40.00 USD");
});

test("for a message without text the reply says how to ask", async () => {
  const { ask, client } = createQuestionDesk({ text: undefined, html: undefined, mentionedPeople: [] });

  await ask();

  expect(client.replies[0]?.text).toMatch(
    /^Hello! I look up account balances\. End your message with the account ID/,
  );
});

test.each([
  ["its own message, by id", { personId: globobot.id }, "ignored, it is the bot's own message"],
  [
    "its own message, by address",
    { personEmail: "GLOBOBOT@webex.bot" },
    "ignored, it is the bot's own message",
  ],
  ["another bot's message", { personEmail: "other@webex.bot" }, "ignored, it is another bot's message"],
])("the bot does not answer %s", async (_name, sender, outcome) => {
  const { ask, client } = createQuestionDesk(sender);

  expect(await ask()).toBe(outcome);

  expect(client.replies).toEqual([]);
});

test("a sender who is not on the list gets no reply, even if the account is known", async () => {
  const { ask, client } = createQuestionDesk({}, ["bob@example.com", "@globex.example"]);

  expect(await ask()).toBe("ignored, the sender is not in WT_ALLOWED_SENDERS");

  expect(client.replies).toEqual([]);
});

test("a sender on the list gets a reply", async () => {
  const { ask, client } = createQuestionDesk({}, ["@example.com"]);

  expect(await ask()).toBe("replied");

  expect(client.replies).toHaveLength(1);
});

test("a message that is gone is dropped", async () => {
  const { ask, client } = createQuestionDesk();
  client.next("getMessage", answeredWith(404));

  expect(await ask()).toBe("dropped, the message is gone or the bot may not see it");

  expect(client.calls).toEqual(["get MSG1"]);
});

test.each([400, 401, 403, 410, 423, 429, 500, 503])(
  "when reading the message is answered with %d, that is what the job ends with",
  async (status) => {
    const { ask, client } = createQuestionDesk();
    const failure = answeredWith(status);
    client.next("getMessage", failure);

    await expect(ask()).rejects.toBe(failure);

    expect(client.replies).toEqual([]);
  },
);

test("a room that is gone when the reply is sent is not a message that is gone", async () => {
  const { ask, client } = createQuestionDesk();
  const failure = answeredWith(404);
  client.next("createMessage", failure);

  await expect(ask()).rejects.toBe(failure);
});

test("until the bot knows who it is, it answers nobody", async () => {
  const { ask, client } = createQuestionDesk();
  client.next("getMe", answeredWith(503));

  await expect(ask()).rejects.toMatchObject({ status: 503, retryable: true });

  expect(client.replies).toEqual([]);
});

test("a question that has waited for more than 15 minutes is dropped without a call", async () => {
  const { ask, client } = createQuestionDesk();

  expect(await ask({ ageMs: 900_001 })).toBe("dropped, it has waited for more than 15 minutes");

  expect(client.calls).toEqual([]);
});

test("a question that has waited for less is answered", async () => {
  const { ask } = createQuestionDesk();

  expect(await ask({ ageMs: 890_000 })).toBe("replied");
});
