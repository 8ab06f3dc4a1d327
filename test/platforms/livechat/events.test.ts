import { describe, expect, test } from "vitest";
import { Malformed } from "../../../src/errors.ts";
import { jobsOf, organizationOf } from "../../../src/platforms/livechat/events.ts";
import type { Reaction } from "../../../src/reactions/keywords.ts";
import { aLivechatEvent, anIncomingChat, anIncomingLivechatEvent } from "../../support/deliveries.ts";
import { anOrganization, ORGANIZATION, OTHER_ORGANIZATION } from "../../support/livechat.ts";
import { createLogSink } from "../../support/log.ts";
import { reactToPizza } from "../../support/reactions.ts";

const installation = anOrganization({ botId: "bot-1" });
const CHAT = `livechat:${ORGANIZATION}:CHATAAAA01`;

const { log } = createLogSink();

function jobs(delivery: unknown, reaction: Reaction = reactToPizza) {
  return jobsOf(delivery, installation, reaction, log);
}

/** The last parts of the keys: the events. */
function eventsOf(delivery: unknown) {
  return jobs(delivery).map(({ key }) => key.slice(CHAT.length + 1));
}

test("a customer who writes of pizza makes a job, which knows where the reply goes", () => {
  expect(jobs(anIncomingLivechatEvent())).toEqual([
    {
      platform: "livechat",
      key: `${CHAT}:THRDAAAA01_7`,
      lane: CHAT,
      quota: `livechat:${ORGANIZATION}`,
      payload: {
        account: ORGANIZATION,
        chatId: "CHATAAAA01",
        replies: [{ text: "Pizza is on the way!", to: "agents" }],
      },
    },
  ]);
});

test("the same event, as an event or inside the chat that it begins, is the same job", () => {
  expect(jobs(anIncomingChat())).toEqual(jobs(anIncomingLivechatEvent()));
});

test("two organizations with a chat and an event of the same ids are kept apart", () => {
  const theirs = jobsOf(
    anIncomingLivechatEvent(),
    anOrganization({ account: OTHER_ORGANIZATION }),
    reactToPizza,
    log,
  );

  expect(theirs.map(({ quota }) => quota)).toEqual([`livechat:${OTHER_ORGANIZATION}`]);
  expect(theirs[0]?.key).not.toBe(jobs(anIncomingLivechatEvent())[0]?.key);
});

test("the events of a chat come by their time, to the microsecond, not as listed", () => {
  const at = (id: string, created_at: unknown) => aLivechatEvent({ id, created_at });
  const events = [
    at("third", "2026-03-01T10:20:30.123457Z"),
    at("first", "2026-03-01T09:59:59.999999Z"),
    at("second", "2026-03-01T10:20:30.123456Z"),
  ];

  expect(eventsOf(anIncomingChat({ events }))).toEqual(["first", "second", "third"]);
});

test.each([undefined, null, 7, {}])("an event whose created_at is %j is no less an event", (created_at) => {
  const events = [aLivechatEvent({ id: "b" }), aLivechatEvent({ id: "a", created_at })];

  expect(eventsOf(anIncomingChat({ events }))).toEqual(["a", "b"]);
});

test.each([
  ["without a thread", { id: "CHATAAAA01" }],
  ["whose thread is null", { id: "CHATAAAA01", thread: null }],
  ["whose thread has no events", { id: "CHATAAAA01", thread: { id: "THRDAAAA01", active: true } }],
  ["whose thread is restricted", { id: "CHATAAAA01", thread: { restricted_access: "words", events: null } }],
])("a chat %s asks for nothing", (_how, chat) => {
  expect(jobs({ ...anIncomingChat(), payload: { chat } })).toEqual([]);
});

test("the bot's own “Pizza is on the way!” asks for nothing", () => {
  const event = { author_id: "bot-1", text: "Pizza is on the way!" };

  expect(jobs(anIncomingLivechatEvent({ event }))).toEqual([]);
  expect(jobs(anIncomingChat({ events: [aLivechatEvent(event)] }))).toEqual([]);
});

test("an agent who writes of pizza is answered like a customer, also to agents alone", () => {
  const event = { author_id: "agent@shop.example", visibility: "agents" };

  expect(jobs(anIncomingLivechatEvent({ event }))).toHaveLength(1);
});

test.each(["file", "form", "filled_form", "rich_message", "custom", "system_message", "system"])(
  "an event of type %s asks for nothing, whatever its text",
  (type) => {
    expect(jobs(anIncomingLivechatEvent({ event: { type } }))).toEqual([]);
  },
);

test("a message that was deleted has no text and perhaps no author, and spoils no other", () => {
  const deleted = aLivechatEvent({ id: "d", deleted: true, text: undefined, author_id: undefined });

  expect(eventsOf(anIncomingChat({ events: [deleted, aLivechatEvent()] }))).toEqual(["THRDAAAA01_7"]);
});

test.each(["chat_deactivated", "event_updated", "", "group_created"])(
  "a delivery of action “%s” is none of the bot's, with or without a payload",
  (action) => {
    expect(jobs({ ...anIncomingLivechatEvent(), action })).toEqual([]);
    expect(jobs({ ...anIncomingLivechatEvent(), action, payload: undefined })).toEqual([]);
  },
);

test("fields that nobody knows yet do no harm", () => {
  const delivery = { ...anIncomingLivechatEvent({ event: { mood: "hungry" } }), requester: {}, more: [1] };

  expect(eventsOf(delivery)).toEqual(["THRDAAAA01_7"]);
});

test("an event in an unknown form is skipped and logged by its type alone, and spoils no other", () => {
  const sink = createLogSink();
  const events = [aLivechatEvent({ id: 7, type: "carousel_v2" }), null, aLivechatEvent()];

  expect(jobsOf(anIncomingChat({ events }), installation, reactToPizza, sink.log)).toHaveLength(1);

  expect(sink.text()).toMatch(/"types":\["carousel_v2","unnamed"\],"msg":"Skipped 2 of 3 events/);
});

const NEEDS_EVENT = "payload.chat_id and payload.event";

test.each([
  ["no action", { ...anIncomingLivechatEvent(), action: undefined }, "action and payload"],
  ["no payload", { ...anIncomingLivechatEvent(), payload: undefined }, NEEDS_EVENT],
  ["no chat", { ...anIncomingLivechatEvent(), payload: { event: {} } }, NEEDS_EVENT],
  ["an empty chat id", anIncomingLivechatEvent({ chatId: "" }), NEEDS_EVENT],
  ["no event", { ...anIncomingLivechatEvent(), payload: { chat_id: "CHATAAAA01" } }, NEEDS_EVENT],
  ["a chat without an id", { ...anIncomingChat(), payload: { chat: {} } }, "payload.chat with its id"],
  ["nothing but null", null, "action and payload"],
])("%s: malformed, and told what it needs, without a word of the body", (_name, delivery, needs) => {
  expect(() => jobs(delivery)).toThrow(
    new Malformed(`The body is not a webhook of this platform: it needs ${needs}.`),
  );
});

describe("the organization of a delivery", () => {
  test("is what it names", () => {
    expect(organizationOf(anIncomingChat({ organization: "org-7" }))).toBe("org-7");
  });

  test.each([{}, { organization_id: "" }, { organization_id: 7 }, { organization_id: "x".repeat(1001) }])(
    "%j names none",
    (delivery) => {
      expect(() => organizationOf(delivery)).toThrow(
        new Malformed("The body is not a webhook of this platform: it needs organization_id."),
      );
    },
  );
});
