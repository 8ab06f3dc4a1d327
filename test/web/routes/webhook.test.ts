import request from "supertest";
import { expect, test, vi } from "vitest";
import { answerVisit, installPizzaBot } from "../../support/chatio-wire.ts";
import { aChatEvent, anIncomingChatThread, anIncomingEvent } from "../../support/deliveries.ts";
import { forbidNetwork } from "../../support/network.ts";
import { startTestServer } from "../../support/server.ts";
import { CHATIO_SETTINGS, WEBEX_SETTINGS } from "../../support/settings.ts";

forbidNetwork();

async function startInstalled() {
  const { url, sink } = await startTestServer(CHATIO_SETTINGS);
  const wire = await installPizzaBot(url);
  const post = (body: string | object) =>
    request(url).post("/webhook").set("Content-Type", "application/json").send(body);
  return { url, sink, wire, post, secret: wire.secret() };
}

test("an event about pizza is accepted, and a duplicate the second time", async () => {
  const { post, secret, sink, wire } = await startInstalled();
  answerVisit(wire);

  await post(anIncomingEvent({ secret })).expect(200, { status: "accepted" });
  await post(anIncomingEvent({ secret })).expect(200, { status: "duplicate" });

  await vi.waitFor(() => expect(sink.messages()).toContain("Job done: replied to the agents"));
});

test.each([
  ["of something else", { text: "pizzazz at the pizzeria" }],
  ["by the bot itself", { author_id: "bot-invented-1" }],
  ["by chat.io itself", { type: "system_message", author_id: undefined, text: "Pizza BOT joined the chat" }],
])("an event %s is ignored, and chat.io is not called", async (_name, event) => {
  const { post, secret, wire } = await startInstalled();
  const events = [aChatEvent(event)];

  await post(anIncomingEvent({ secret, event })).expect(200, { status: "ignored" });
  await post(anIncomingChatThread({ secret, events })).expect(200, { status: "ignored" });

  expect(wire.calls).toHaveLength(3);
});

test("one malformed event in a thread does not keep the others from being answered, and the log names its type", async () => {
  const { post, secret, sink, wire } = await startInstalled();
  answerVisit(wire);
  const odd = { type: "carousel", id: ["?"], text: { en: "pizza for 7 Invented Street" } };

  await post(anIncomingChatThread({ secret, events: [odd, aChatEvent()] })).expect(200, {
    status: "accepted",
  });
  await vi.waitFor(() => expect(sink.messages()).toContain("Job done: replied to the agents"));
  await post({ ...anIncomingEvent({ secret }), data: { chat_id: "chat-1", event: odd } }).expect(200, {
    status: "ignored",
  });

  expect(sink.text().match(/"types":\["carousel"\]/g)).toHaveLength(2);
  expect(sink.text()).not.toContain("Invented Street");
});

test("an order too large for a number is no reason to refuse a delivery", async () => {
  const { post, secret, wire } = await startInstalled();
  answerVisit(wire);
  const body = JSON.stringify(anIncomingEvent({ secret })).replace('"order":1,', '"order":1e400,');

  await post(body).expect(200, { status: "accepted" });
  await vi.waitFor(() => expect(wire.calls).toHaveLength(6));
});

test("300,000 empty events are answered like any other delivery", async () => {
  const { post, secret } = await startInstalled();
  const body = JSON.stringify(anIncomingChatThread({ secret, events: [] }));

  await post(body.replace('"events":[]', `"events":[${"{},".repeat(299_999)}{}]`)).expect(200, {
    status: "ignored",
  });
});

test("an action that nobody asked for is ignored", async () => {
  const { post, secret } = await startInstalled();

  await post({ secret_key: secret, action: "chat_user_added", data: {} }).expect(200, { status: "ignored" });
});

const NEEDS = "The body is not a webhook of this platform: it needs ";

test.each([
  ["no action", { action: undefined }, `${NEEDS}action and data.`],
  ["no event", { data: { chat_id: "chat-1" } }, `${NEEDS}data.chat_id and data.event.`],
  ["no thread", { action: "incoming_chat_thread" }, `${NEEDS}data.chat with its thread.`],
])(
  "a genuine delivery with %s is 400, and the answer says what it needs",
  async (_name, overrides, error) => {
    const { post, secret } = await startInstalled();

    await post({ ...anIncomingEvent({ secret }), ...overrides }).expect(400, { error });
  },
);

test.each(["", "{", "pizza", "\u0000"])("the bytes %j are no JSON: 400", async (body) => {
  const { post } = await startInstalled();

  await post(body).expect(400, { error: "The body is not JSON." });
});

test.each([
  ["no secret", undefined, "The delivery has no secret_key."],
  ["a wrong secret", "wrong", "The delivery's secret_key belongs to no installation."],
])("a delivery with %s is 401, even if the rest is malformed", async (_name, secret_key, error) => {
  const { post } = await startInstalled();

  await post({ ...anIncomingEvent(), secret_key }).expect(401, { error });
  await post({ secret_key, action: 7 }).expect(401, { error });
});

test("before anything is installed every delivery is 401", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);

  await request(url).post("/webhook").send(anIncomingEvent()).expect(401);
});

test("if chat.io is not set up, a delivery is 503", async () => {
  const { url } = await startTestServer(WEBEX_SETTINGS);

  await request(url).post("/webhook").send(anIncomingEvent()).expect(503, {
    error: "chat.io is not set up on this server: CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.",
  });
});

test("the secret of a refused delivery is not in the log", async () => {
  const { post, sink } = await startInstalled();

  await post(anIncomingEvent({ secret: "secret-of-somebody" })).expect(401);

  expect(sink.messages().at(-1)).toBe("Refused: The delivery's secret_key belongs to no installation.");
  expect(sink.text()).not.toContain("secret-of-somebody");
});
