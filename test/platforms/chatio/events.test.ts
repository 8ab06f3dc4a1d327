import { describe, expect, test } from "vitest";
import { Malformed } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import { jobsOf } from "../../../src/platforms/chatio/events.ts";
import type { Reaction } from "../../../src/reactions/keywords.ts";
import { aChatEvent, anIncomingChatThread, anIncomingEvent } from "../../support/deliveries.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { reactToPizza } from "../../support/reactions.ts";

const installation = anInstallation({ account: "1520", botId: "bot-1" });

type Options = { reaction?: Reaction; log?: Log };

function jobs(delivery: unknown, { reaction = reactToPizza, log = createLogSink().log }: Options = {}) {
  return jobsOf(delivery, installation, reaction, log);
}

/** The ids of the events for which there is a job. */
function eventIds(delivery: unknown): (string | undefined)[] {
  return jobs(delivery).map(({ key }) => key.split(":").at(-1));
}

test("a message about pizza, alone or in the thread it opens, becomes a job that knows where the reply goes", () => {
  expect(jobs(anIncomingEvent())).toEqual([
    {
      platform: "chatio",
      key: "chatio:1520:chat-1:event-1",
      lane: "chatio:1520:chat-1",
      quota: "chatio:1520",
      payload: {
        account: "1520",
        chatId: "chat-1",
        replies: [{ text: "Pizza is on the way!", to: "agents" }],
      },
    },
  ]);
  expect(jobs(anIncomingChatThread())).toEqual(jobs(anIncomingEvent()));
});

test("usual ids appear in the key as they are", () => {
  const chatId = "0b0b0b0b-1111-4222-8333-444455556666";
  const [job] = jobs(anIncomingEvent({ chatId, event: { id: "Y2lz_Y29z+cGFyaw/4==" } }));
  expect(job?.key).toBe(`chatio:1520:${chatId}:Y2lz_Y29z+cGFyaw/4==`);
});

test("an agent who writes about pizza is answered like a customer, whatever else is in the delivery", () => {
  const event = { author_id: "agent@shop.example", recipients: "agents", mood: "hungry" };
  expect(jobs({ ...anIncomingEvent({ event }), additional_data: { x: [1] }, more: 1 })).toHaveLength(1);
});

test("the replies are the reaction's to the unchanged text", () => {
  const reaction: Reaction = (text) => [
    { text: `heard: ${text}`, to: "everyone" },
    { text: "Indeed.", to: "agents" },
  ];
  const [job] = jobs(anIncomingEvent({ event: { text: "  Ciao!" } }), { reaction });
  expect(job?.payload.replies).toEqual([
    { text: "heard:   Ciao!", to: "everyone" },
    { text: "Indeed.", to: "agents" },
  ]);
});

const endless = Number.POSITIVE_INFINITY;

test.each([
  ["keep the chat's order, not that of the list", [10, 1, 2], ["1", "2", "0"]],
  [
    "without an order keep the list's, before those that have one",
    [undefined, 1, undefined],
    ["0", "2", "1"],
  ],
  ["of infinite order come last, in the list's order", [endless, endless, -endless, 2], ["2", "3", "0", "1"]],
])("the events of a thread %s", (_what, orders, ids) => {
  const events = orders.map((order, n) => aChatEvent({ id: String(n), order, timestamp: 3 - n }));
  expect(eventIds(anIncomingChatThread({ events }))).toEqual(ids);
});

test.each(["1e400", "-1e400", '"7"', "{}", "[1]", "true", "null"])(
  "an event whose order is %s is no less an event",
  (order) => {
    const text = JSON.stringify(anIncomingEvent({ event: { order: "ORDER" } })).replace('"ORDER"', order);
    expect(eventIds(JSON.parse(text))).toEqual(["event-1"]);
  },
);

test("only the messages about pizza in a thread are jobs", () => {
  const events = [
    aChatEvent({ id: "greeting", text: "hello" }),
    aChatEvent({ id: "order", order: 2 }),
    aChatEvent({ id: "form", order: 3, type: "filled_form", text: undefined }),
  ];
  expect(eventIds(anIncomingChatThread({ events }))).toEqual(["order"]);
});

const THE_BOTS = { author_id: "bot-1", text: "Pizza is on the way!" };
const anEvent = (event: object) => anIncomingEvent({ event });

test.each<[string, unknown]>([
  ["a thread with an empty list of events", anIncomingChatThread({ events: [] })],
  ["a thread without events", { ...anIncomingChatThread(), data: { chat: { id: "chat-1", thread: {} } } }],
  ["the bot's own message", anEvent(THE_BOTS)],
  ["the bot's own message in a thread", anIncomingChatThread({ events: [aChatEvent(THE_BOTS)] })],
  ["a message without text", anEvent({ text: undefined })],
  ["a message without an id", anEvent({ id: undefined })],
  ["“Pizza BOT joined the chat”", anEvent({ type: "system_message", author_id: undefined })],
  ...["annotation", "filled_form", "file", "custom", "rich_message"].map((type): [string, unknown] => [
    `an event of type ${type}`,
    anEvent({ type }),
  ]),
  ...["chat_thread_closed", "event_updated", "", "incoming_events"].map((action): [string, unknown] => [
    `the action “${action}”`,
    { ...anIncomingEvent(), action },
  ]),
  ["another action without data", { action: "chat_deactivated" }],
])("%s makes no job", (_what, delivery) => {
  expect(jobs(delivery)).toEqual([]);
});

const NEEDS_EVENT = "data.chat_id and data.event";
const NEEDS_CHAT = "data.chat with its thread";
const withData = (data?: object) => ({ ...anIncomingEvent(), data });

test.each([
  ["no action", { ...anIncomingEvent(), action: undefined }, "action and data"],
  ["an action that is no text", { ...anIncomingEvent(), action: 7 }, "action and data"],
  ["no data", withData(), NEEDS_EVENT],
  ["no chat", withData({ event: aChatEvent() }), NEEDS_EVENT],
  ["an empty chat id", anIncomingEvent({ chatId: "" }), NEEDS_EVENT],
  ["a chat id that is a list", withData({ chat_id: ["my own words"], event: aChatEvent() }), NEEDS_EVENT],
  ["no event", withData({ chat_id: "chat-1" }), NEEDS_EVENT],
  ["a thread without a chat", { ...anIncomingChatThread(), data: {} }, NEEDS_CHAT],
  ["a chat without a thread", { ...anIncomingChatThread(), data: { chat: { id: "chat-1" } } }, NEEDS_CHAT],
  ["a list for a body", [anIncomingEvent()], "action and data"],
  ["nothing but null", null, "action and data"],
])("%s: malformed; the error says what is needed, and nothing of the body", (_name, delivery, needs) => {
  expect(() => jobs(delivery)).toThrow(
    new Malformed(`The body is not a webhook of this platform: it needs ${needs}.`),
  );
});

describe("an event that cannot be read", () => {
  /** The jobs of the thread around the event, and of the event alone, with what the log says of the latter. */
  function around(odd: unknown) {
    const sink = createLogSink();
    const chat = { id: "chat-1", thread: { events: [odd, aChatEvent(), odd] } };
    const ofThread = eventIds({ ...anIncomingChatThread(), data: { chat } });
    const ofSingle = jobs(withData({ chat_id: "chat-1", event: odd }), sink);
    return { ofThread, ofSingle, logged: sink.text(), lines: sink.messages() };
  }

  test.each([
    ["null", null],
    ["a number", 7],
    ["a list", [aChatEvent()]],
    ["without a type", aChatEvent({ type: undefined })],
    ["whose type is a number", aChatEvent({ type: 7 })],
    ["whose id is a number", aChatEvent({ id: 7 })],
    ["whose id is longer than any", aChatEvent({ id: "x".repeat(1001) })],
    ["whose text is a list", aChatEvent({ text: ["pizza"] })],
    ["whose author is an object", aChatEvent({ author_id: {} })],
  ])("(%s) is skipped and logged, and affects no other", (_what, odd) => {
    const { ofThread, ofSingle, lines } = around(odd);
    expect(ofThread).toEqual(["event-1"]);
    expect(ofSingle).toEqual([]);
    expect(lines).toEqual(["Skipped 1 of 1 events of a delivery: they are in no known form."]);
  });

  test("is logged by its type if that is a plain word, and by nothing else", () => {
    const text = "pizza for 7 Invented Street";
    const loggedOf = (type: unknown) => around(aChatEvent({ id: 7, type, text })).logged;
    expect(loggedOf("carousel_v2")).toMatch(/"types":\["carousel_v2"\],"msg"/);
    for (const type of [text, "x".repeat(51), "\u001b[2J", "", 7, { pizza: 1 }])
      expect(loggedOf(type)).toMatch(/"types":\["unnamed"\],"msg"/);
  });

  test("is one of many, and still makes one log line with a few types", () => {
    const sink = createLogSink();
    const odd = (n: number) => aChatEvent({ id: 7, type: `type_${n % 30}` });
    const events = [...Array.from({ length: 600 }, (_, n) => odd(n)), aChatEvent()];
    expect(jobs(anIncomingChatThread({ events }), sink)).toHaveLength(1);
    expect(sink.messages()).toEqual(["Skipped 600 of 601 events of a delivery: they are in no known form."]);
    expect(sink.text().match(/type_/g)).toHaveLength(10);
  });
});

test("a thread of very many events is read from its end, up to a limit", () => {
  const sink = createLogSink();
  const events = Array.from({ length: 1001 }, (_, n) => aChatEvent({ id: `event-${n}`, order: n }));
  const made = jobs(anIncomingChatThread({ events }), sink);
  expect(made).toHaveLength(1000);
  expect([made[0]?.key, made.at(-1)?.key]).toEqual([
    "chatio:1520:chat-1:event-1",
    "chatio:1520:chat-1:event-1000",
  ]);
  expect(sink.messages()).toEqual(["A delivery has 1001 events: only the last 1000 were looked at."]);
});

test("a thread of very many events takes no more time than its last thousand", () => {
  let looks = 0;
  const get = (_event: object, name: string | symbol) => {
    if (name === "type") looks += 1;
  };
  const events = Array.from({ length: 300_000 }, () => new Proxy({}, { get }));
  expect(jobs(anIncomingChatThread({ events }))).toEqual([]);
  expect(looks).toBeGreaterThan(0);
  expect(looks).toBeLessThanOrEqual(2000);
});

test.each(["id", "author_id", "text", "order"])(
  "an event whose %s is null spoils no other in its thread",
  (name) => {
    const events = [aChatEvent({ id: "event-0", text: "hello", [name]: null }), aChatEvent()];
    expect(eventIds(anIncomingChatThread({ events }))).toContain("event-1");
  },
);
