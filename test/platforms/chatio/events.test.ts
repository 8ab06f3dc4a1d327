import { expect, test } from "vitest";
import { Malformed } from "../../../src/errors.ts";
import { jobsOf } from "../../../src/platforms/chatio/events.ts";
import { reactToKeywords } from "../../../src/reactions/keywords.ts";
import { aChatEvent, anIncomingChatThread, anIncomingEvent } from "../../support/deliveries.ts";
import { anInstallation } from "../../support/jobs.ts";

const installation = anInstallation({ licenseId: 1520, botId: "bot-1" });

function jobs(delivery: unknown, reaction = reactToKeywords) {
  return jobsOf(delivery, installation, reaction);
}

function keys(delivery: unknown) {
  return jobs(delivery).map(({ key }) => key);
}

test("a customer who writes of pizza makes a job, which knows where the reply goes", () => {
  expect(jobs(anIncomingEvent())).toEqual([
    {
      platform: "chatio",
      key: "chatio:1520:chat-1:event-1",
      lane: "chatio:1520:chat-1",
      quota: "chatio:1520",
      payload: { licenseId: 1520, chatId: "chat-1", reply: "Pizza is on the way!" },
    },
  ]);
});

test("the same event, as an event or inside the thread that it opens, is the same job", () => {
  expect(jobs(anIncomingChatThread())).toEqual(jobs(anIncomingEvent()));
});

test("two events in one chat are two jobs of one lane; another chat's is of another", () => {
  const [first] = jobs(anIncomingEvent({ event: { id: "event-1" } }));
  const [second] = jobs(anIncomingEvent({ event: { id: "event-2" } }));
  const [elsewhere] = jobs(anIncomingEvent({ chatId: "chat-2" }));

  expect(second?.key).not.toBe(first?.key);
  expect(second?.lane).toBe(first?.lane);
  expect(elsewhere?.key).not.toBe(first?.key);
  expect(elsewhere?.lane).not.toBe(first?.lane);
});

test("the ids that platforms give out stand in the key as they are", () => {
  const chatId = "0b0b0b0b-1111-4222-8333-444455556666";
  const eventId = "Y2lz_Y29z+cGFyaw/4==";
  expect(keys(anIncomingEvent({ chatId, event: { id: eventId } }))).toEqual([
    `chatio:1520:${chatId}:${eventId}`,
  ]);
});

test("two licenses with a chat and an event of the same ids are kept apart", () => {
  const [ours] = jobs(anIncomingEvent());
  const [theirs] = jobsOf(anIncomingEvent(), anInstallation({ licenseId: 1521 }), reactToKeywords);

  expect([theirs?.key, theirs?.lane, theirs?.quota]).toEqual([
    "chatio:1521:chat-1:event-1",
    "chatio:1521:chat-1",
    "chatio:1521",
  ]);
  expect(ours?.quota).toBe("chatio:1520");
});

test("the events of a thread come in the order of the chat, not of the list or the clock", () => {
  const events = [
    aChatEvent({ id: "third", order: 10, timestamp: 1 }),
    aChatEvent({ id: "first", order: 1, timestamp: 3 }),
    aChatEvent({ id: "second", order: 2, timestamp: 2 }),
  ];

  expect(keys(anIncomingChatThread({ events }))).toEqual([
    "chatio:1520:chat-1:first",
    "chatio:1520:chat-1:second",
    "chatio:1520:chat-1:third",
  ]);
});

test("events without an order stay as they are listed, before those that have one", () => {
  const bare = (id: string) => aChatEvent({ id, order: undefined });
  const events = [bare("b"), aChatEvent({ id: "ordered", order: 1 }), bare("a")];

  expect(keys(anIncomingChatThread({ events })).map((key) => key.split(":").at(-1))).toEqual([
    "b",
    "a",
    "ordered",
  ]);
});

test("of a thread only the messages about pizza are jobs", () => {
  const events = [
    aChatEvent({ id: "greeting", text: "hello" }),
    aChatEvent({ id: "order", order: 2 }),
    aChatEvent({ id: "form", order: 3, type: "filled_form", text: undefined }),
  ];

  expect(keys(anIncomingChatThread({ events }))).toEqual(["chatio:1520:chat-1:order"]);
});

test("a thread without events asks for nothing", () => {
  expect(jobs(anIncomingChatThread({ events: [] }))).toEqual([]);
  const bare = { action: "incoming_chat_thread", data: { chat: { id: "chat-1", thread: {} } } };
  expect(jobs(bare)).toEqual([]);
});

test("“Pizza BOT joined the chat”, which chat.io itself writes, asks for nothing", () => {
  const event = { type: "system_message", author_id: undefined, text: "Pizza BOT joined the chat" };

  expect(jobs(anIncomingEvent({ event }))).toEqual([]);
});

test("the bot's own “Pizza is on the way!” asks for nothing", () => {
  const event = { author_id: "bot-1", text: "Pizza is on the way!" };

  expect(jobs(anIncomingEvent({ event }))).toEqual([]);
  expect(jobs(anIncomingChatThread({ events: [aChatEvent(event)] }))).toEqual([]);
});

test("an agent who writes of pizza is answered like a customer", () => {
  expect(
    jobs(anIncomingEvent({ event: { author_id: "agent@shop.example", recipients: "agents" } })),
  ).toHaveLength(1);
});

test.each(["annotation", "filled_form", "system_message", "file", "custom", "rich_message"])(
  "an event of type %s asks for nothing, whatever its text",
  (type) => {
    expect(jobs(anIncomingEvent({ event: { type } }))).toEqual([]);
  },
);

test.each(["chat_thread_closed", "event_updated", "", "incoming_events"])(
  "a delivery of action “%s” is none of the bot's",
  (action) => {
    expect(jobs({ ...anIncomingEvent(), action })).toEqual([]);
  },
);

test("a message without text, or without an id, asks for nothing", () => {
  expect(jobs(anIncomingEvent({ event: { text: undefined } }))).toEqual([]);
  expect(jobs(anIncomingEvent({ event: { id: undefined } }))).toEqual([]);
});

test("the reply is the reaction's, to the text as it was written", () => {
  const [job] = jobs(anIncomingEvent({ event: { text: "  Ciao!" } }), (text) => `heard: ${text}`);

  expect(job?.payload.reply).toBe("heard:   Ciao!");
});

test("fields that nobody knows yet do no harm", () => {
  const delivery = {
    ...anIncomingEvent({ event: { mood: "hungry" } }),
    additional_data: { x: [1] },
    more: 1,
  };

  expect(keys(delivery)).toEqual(["chatio:1520:chat-1:event-1"]);
});

test.each([
  ["no action", { ...anIncomingEvent(), action: undefined }],
  ["an action that is no text", { ...anIncomingEvent(), action: 7 }],
  ["no data", { ...anIncomingEvent(), data: undefined }],
  ["no chat", { ...anIncomingEvent(), data: { event: aChatEvent() } }],
  ["an empty chat id", anIncomingEvent({ chatId: "" })],
  ["no event", { ...anIncomingEvent(), data: { chat_id: "chat-1" } }],
  ["an event without a type", anIncomingEvent({ event: { type: undefined } })],
  ["an event whose id is a number", anIncomingEvent({ event: { id: 7 } })],
  ["an event whose text is a list", anIncomingEvent({ event: { text: ["pizza"] } })],
  ["a thread without a chat", { ...anIncomingChatThread(), data: {} }],
  ["a chat without a thread", { ...anIncomingChatThread(), data: { chat: { id: "chat-1" } } }],
  ["a list for a body", [anIncomingEvent()]],
  ["nothing but null", null],
])("%s: malformed", (_name, delivery) => {
  expect(() => jobs(delivery)).toThrow(Malformed);
});

test("what is wrong is said without a word of what the body holds", () => {
  const delivery = anIncomingEvent({
    secret: "secret-of-the-body",
    event: { type: 7, text: "my own words" },
  });

  expect(() => jobs(delivery)).toThrow(
    "The body is not a webhook of this platform: it needs data.chat_id and data.event.",
  );
});

test.each(["id", "author_id", "text", "order"])(
  "an event whose %s is null spoils no other in its thread",
  (name) => {
    const events = [aChatEvent({ id: "event-0", text: "hello", [name]: null }), aChatEvent()];
    const jobs = jobsOf(anIncomingChatThread({ events }), anInstallation(), reactToKeywords);
    expect(jobs.map(({ key }) => key)).toContain("chatio:1520:chat-1:event-1");
  },
);
