import { describe, expect, test } from "vitest";
import { Malformed } from "../../../src/errors.ts";
import { jobsOf } from "../../../src/platforms/chatio/events.ts";
import { reactToKeywords } from "../../../src/reactions/keywords.ts";
import { aChatEvent, anIncomingChatThread, anIncomingEvent } from "../../support/deliveries.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";

const installation = anInstallation({ account: "1520", botId: "bot-1" });

const { log } = createLogSink();

function jobs(delivery: unknown, reaction = reactToKeywords) {
  return jobsOf(delivery, installation, reaction, log);
}

/** As it comes over the wire: what is undefined is not there at all. */
function received(delivery: unknown): unknown {
  return JSON.parse(JSON.stringify(delivery));
}

function keys(delivery: unknown) {
  return jobs(delivery).map(({ key }) => key);
}

test("a customer's message about pizza becomes a job that knows where the reply goes", () => {
  expect(jobs(anIncomingEvent())).toEqual([
    {
      platform: "chatio",
      key: "chatio:1520:chat-1:event-1",
      lane: "chatio:1520:chat-1",
      quota: "chatio:1520",
      payload: { account: "1520", chatId: "chat-1", reply: "Pizza is on the way!" },
    },
  ]);
});

test("an event is the same job, alone or inside the thread that it opens", () => {
  expect(jobs(anIncomingChatThread())).toEqual(jobs(anIncomingEvent()));
});

test("two events in one chat are two jobs in one lane; another chat has another lane", () => {
  const [first] = jobs(anIncomingEvent({ event: { id: "event-1" } }));
  const [second] = jobs(anIncomingEvent({ event: { id: "event-2" } }));
  const [elsewhere] = jobs(anIncomingEvent({ chatId: "chat-2" }));

  expect(second?.key).not.toBe(first?.key);
  expect(second?.lane).toBe(first?.lane);
  expect(elsewhere?.key).not.toBe(first?.key);
  expect(elsewhere?.lane).not.toBe(first?.lane);
});

test("usual ids appear in the key as they are", () => {
  const chatId = "0b0b0b0b-1111-4222-8333-444455556666";
  const eventId = "Y2lz_Y29z+cGFyaw/4==";
  expect(keys(anIncomingEvent({ chatId, event: { id: eventId } }))).toEqual([
    `chatio:1520:${chatId}:${eventId}`,
  ]);
});

test("equal chat and event ids on two licenses are two jobs", () => {
  const [ours] = jobs(anIncomingEvent());
  const [theirs] = jobsOf(anIncomingEvent(), anInstallation({ account: "1521" }), reactToKeywords, log);

  expect([theirs?.key, theirs?.lane, theirs?.quota]).toEqual([
    "chatio:1521:chat-1:event-1",
    "chatio:1521:chat-1",
    "chatio:1521",
  ]);
  expect(ours?.quota).toBe("chatio:1520");
});

test("the events of a thread keep the chat's order, not that of the list or the clock", () => {
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

test("events without an order keep the list's order, before those that have one", () => {
  const bare = (id: string) => aChatEvent({ id, order: undefined });
  const events = [bare("b"), aChatEvent({ id: "ordered", order: 1 }), bare("a")];

  expect(keys(received(anIncomingChatThread({ events }))).map((key) => key.split(":").at(-1))).toEqual([
    "b",
    "a",
    "ordered",
  ]);
});

test("a single event without an order is a job; another action without data is none", () => {
  expect(keys(received(anIncomingEvent({ event: { order: undefined } })))).toEqual([
    "chatio:1520:chat-1:event-1",
  ]);
  expect(keys({ action: "chat_deactivated" })).toEqual([]);
});

test("only the messages about pizza in a thread are jobs", () => {
  const events = [
    aChatEvent({ id: "greeting", text: "hello" }),
    aChatEvent({ id: "order", order: 2 }),
    aChatEvent({ id: "form", order: 3, type: "filled_form", text: undefined }),
  ];

  expect(keys(anIncomingChatThread({ events }))).toEqual(["chatio:1520:chat-1:order"]);
});

test("a thread without events makes no job", () => {
  expect(jobs(anIncomingChatThread({ events: [] }))).toEqual([]);
  const bare = { action: "incoming_chat_thread", data: { chat: { id: "chat-1", thread: {} } } };
  expect(jobs(bare)).toEqual([]);
});

test("chat.io's own “Pizza BOT joined the chat” makes no job", () => {
  const event = { type: "system_message", author_id: undefined, text: "Pizza BOT joined the chat" };

  expect(jobs(anIncomingEvent({ event }))).toEqual([]);
});

test("the bot's own “Pizza is on the way!” makes no job", () => {
  const event = { author_id: "bot-1", text: "Pizza is on the way!" };

  expect(jobs(anIncomingEvent({ event }))).toEqual([]);
  expect(jobs(anIncomingChatThread({ events: [aChatEvent(event)] }))).toEqual([]);
});

test("an agent who writes about pizza is answered like a customer", () => {
  expect(
    jobs(anIncomingEvent({ event: { author_id: "agent@shop.example", recipients: "agents" } })),
  ).toHaveLength(1);
});

test.each(["annotation", "filled_form", "system_message", "file", "custom", "rich_message"])(
  "an event of type %s makes no job, whatever its text",
  (type) => {
    expect(jobs(anIncomingEvent({ event: { type } }))).toEqual([]);
  },
);

test.each(["chat_thread_closed", "event_updated", "", "incoming_events"])(
  "a delivery of action “%s” makes no job",
  (action) => {
    expect(jobs({ ...anIncomingEvent(), action })).toEqual([]);
  },
);

test("a message without text, or without an id, makes no job", () => {
  expect(jobs(anIncomingEvent({ event: { text: undefined } }))).toEqual([]);
  expect(jobs(anIncomingEvent({ event: { id: undefined } }))).toEqual([]);
});

test("the reply is the reaction's to the unchanged text", () => {
  const [job] = jobs(anIncomingEvent({ event: { text: "  Ciao!" } }), (text) => `heard: ${text}`);

  expect(job?.payload.reply).toBe("heard:   Ciao!");
});

test("unknown fields do no harm", () => {
  const delivery = {
    ...anIncomingEvent({ event: { mood: "hungry" } }),
    additional_data: { x: [1] },
    more: 1,
  };

  expect(keys(delivery)).toEqual(["chatio:1520:chat-1:event-1"]);
});

test.each([
  ["no action", { ...anIncomingEvent(), action: undefined }, "action and data"],
  ["an action that is no text", { ...anIncomingEvent(), action: 7 }, "action and data"],
  ["no data", { ...anIncomingEvent(), data: undefined }, "data.chat_id and data.event"],
  ["no chat", { ...anIncomingEvent(), data: { event: aChatEvent() } }, "data.chat_id and data.event"],
  ["an empty chat id", anIncomingEvent({ chatId: "" }), "data.chat_id and data.event"],
  ["no event", { ...anIncomingEvent(), data: { chat_id: "chat-1" } }, "data.chat_id and data.event"],
  ["a thread without a chat", { ...anIncomingChatThread(), data: {} }, "data.chat with its thread"],
  [
    "a chat without a thread",
    { ...anIncomingChatThread(), data: { chat: { id: "chat-1" } } },
    "data.chat with its thread",
  ],
  ["a list for a body", [anIncomingEvent()], "action and data"],
  ["nothing but null", null, "action and data"],
])("%s: malformed, and told what it needs", (_name, delivery, needs) => {
  expect(() => jobs(delivery)).toThrow(
    new Malformed(`The body is not a webhook of this platform: it needs ${needs}.`),
  );
});

test("the error contains nothing of the body", () => {
  const delivery = {
    ...anIncomingEvent({ secret: "secret-of-the-body" }),
    data: { chat_id: ["my own words"] },
  };

  expect(() => jobs(delivery)).toThrow(
    "The body is not a webhook of this platform: it needs data.chat_id and data.event.",
  );
});

describe("an event that cannot be read", () => {
  /** The jobs of the thread around the event, and of the event alone, with what the log says of the latter. */
  function around(odd: unknown) {
    const sink = createLogSink();
    const thread = {
      ...anIncomingChatThread(),
      data: { chat: { id: "chat-1", thread: { events: [odd, aChatEvent(), odd] } } },
    };
    const single = { ...anIncomingEvent(), data: { chat_id: "chat-1", event: odd } };
    return {
      ofThread: keys(thread),
      ofSingle: jobsOf(single, installation, reactToKeywords, sink.log),
      logged: sink.text(),
      lines: sink.messages(),
    };
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
    expect(ofThread).toEqual(["chatio:1520:chat-1:event-1"]);
    expect(ofSingle).toEqual([]);
    expect(lines).toEqual(["Skipped 1 of 1 events of a delivery: they are in no known form."]);
  });

  test("is logged by its type if that is a plain word, and by nothing else", () => {
    expect(
      around(aChatEvent({ id: 7, type: "carousel_v2", text: "pizza for 7 Invented Street" })).logged,
    ).toMatch(/"types":\["carousel_v2"\],"msg"/);
    for (const type of ["pizza for 7 Invented Street", "x".repeat(51), "\u001b[2J", "", 7, { pizza: 1 }]) {
      expect(around(aChatEvent({ id: 7, type, text: "pizza for 7 Invented Street" })).logged).toMatch(
        /"types":\["unnamed"\],"msg"/,
      );
    }
  });

  test("is one of many, and still makes one log line with a few types", () => {
    const sink = createLogSink();
    const odd = (n: number) => aChatEvent({ id: 7, type: `type_${n % 30}` });
    const events = [...Array.from({ length: 600 }, (_, n) => odd(n)), aChatEvent()];
    expect(jobsOf(anIncomingChatThread({ events }), installation, reactToKeywords, sink.log)).toHaveLength(1);
    expect(sink.messages()).toEqual(["Skipped 600 of 601 events of a delivery: they are in no known form."]);
    expect(sink.text().match(/type_/g)).toHaveLength(10);
  });
});

test.each(["1e400", "-1e400", '"7"', "{}", "[1]", "true", "null"])(
  "an event whose order is %s is no less an event",
  (order) => {
    const text = JSON.stringify(anIncomingEvent({ event: { order: "ORDER" } })).replace('"ORDER"', order);
    expect(keys(JSON.parse(text))).toEqual(["chatio:1520:chat-1:event-1"]);
  },
);

test("infinite orders come last, in the order of the list", () => {
  const endless = Number.POSITIVE_INFINITY;
  const events = [
    aChatEvent({ id: "c", order: endless }),
    aChatEvent({ id: "d", order: endless }),
    aChatEvent({ id: "a", order: -endless }),
    aChatEvent({ id: "b", order: 2 }),
  ];
  const listed = keys(anIncomingChatThread({ events })).map((key) => key.split(":").at(-1));
  expect(listed).toEqual(["a", "b", "c", "d"]);
});

describe("a thread of very many events", () => {
  test("is read from its end, up to a limit", () => {
    const sink = createLogSink();
    const events = Array.from({ length: 1001 }, (_, n) => aChatEvent({ id: `event-${n}`, order: n }));
    const made = jobsOf(anIncomingChatThread({ events }), installation, reactToKeywords, sink.log);
    expect(made).toHaveLength(1000);
    expect([made[0]?.key, made.at(-1)?.key]).toEqual([
      "chatio:1520:chat-1:event-1",
      "chatio:1520:chat-1:event-1000",
    ]);
    expect(sink.messages()).toEqual(["A delivery has 1001 events: only the last 1000 were looked at."]);
  });

  test("takes no more time than its last thousand events", () => {
    let looks = 0;
    const get = (_event: object, name: string | symbol) => {
      if (name === "type") looks += 1;
    };
    const counted = () => new Proxy({}, { get });
    const events = Array.from({ length: 300_000 }, counted);
    expect(jobs(anIncomingChatThread({ events }))).toEqual([]);
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThanOrEqual(2000);
  });
});

test.each(["id", "author_id", "text", "order"])(
  "an event whose %s is null spoils no other in its thread",
  (name) => {
    const events = [aChatEvent({ id: "event-0", text: "hello", [name]: null }), aChatEvent()];
    const jobs = jobsOf(anIncomingChatThread({ events }), anInstallation(), reactToKeywords, log);
    expect(jobs.map(({ key }) => key)).toContain("chatio:1520:chat-1:event-1");
  },
);
