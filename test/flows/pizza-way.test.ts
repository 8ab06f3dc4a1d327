import request from "supertest";
import { expect, test, vi } from "vitest";
import {
  ACCESS_TOKEN,
  answerVisit,
  installPizzaBot,
  REFRESH_TOKEN,
  type Wire,
} from "../support/chatio-wire.ts";
import { aChatEvent, anIncomingChatThread, anIncomingEvent } from "../support/deliveries.ts";
import { forbidNetwork } from "../support/network.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { CHATIO_SETTINGS } from "../support/settings.ts";

forbidNetwork();

async function startInstalled(): Promise<{ server: TestServer; wire: Wire }> {
  const server = await startTestServer(CHATIO_SETTINGS);
  return { server, wire: await installPizzaBot(server.url) };
}

async function jobIsDone({ sink }: TestServer, times = 1): Promise<void> {
  await vi.waitFor(() => {
    expect(sink.messages().filter((line) => line === "Job done: replied to the agents")).toHaveLength(times);
  });
}

const VISIT = [
  "POST /agent/v0.3/action/join_chat",
  "POST /agent/v0.3/action/send_event",
  "POST /agent/v0.3/action/remove_from_chat",
];

test("an installation asks chat.io for tokens, license and bot agent, in this order and for nothing else", async () => {
  const { wire } = await startInstalled();

  expect(wire.calls).toEqual([
    "POST /token",
    "GET /info",
    "POST /configuration/v0.3/agents/create_bot_agent",
  ]);
});

test("a customer writes of pizza: the bot joins the chat, tells the agents, and leaves", async () => {
  const { server, wire } = await startInstalled();
  wire.calls.length = 0;
  answerVisit(wire);

  await request(server.url)
    .post("/webhook")
    .send(anIncomingEvent({ secret: wire.secret() }))
    .expect(200, { status: "accepted" });

  await jobIsDone(server);
  expect(wire.calls).toEqual(VISIT);
});

test("the event that opens a thread, delivered both ways, gets one reaction", async () => {
  const { server, wire } = await startInstalled();
  wire.calls.length = 0;
  answerVisit(wire);
  const post = (body: object) => request(server.url).post("/webhook").send(body);
  const secret = wire.secret();

  await post(anIncomingChatThread({ secret })).expect(200, { status: "accepted" });
  await post(anIncomingEvent({ secret })).expect(200, { status: "duplicate" });

  await jobIsDone(server);
  await post(anIncomingEvent({ secret })).expect(200, { status: "duplicate" });
  expect(wire.calls).toEqual(VISIT);
});

test("two messages in one thread get two reactions, one after the other", async () => {
  const { server, wire } = await startInstalled();
  wire.calls.length = 0;
  answerVisit(wire);
  answerVisit(wire);
  const events = [aChatEvent({ id: "event-1" }), aChatEvent({ id: "event-2", order: 2 })];

  await request(server.url)
    .post("/webhook")
    .send(anIncomingChatThread({ secret: wire.secret(), events }))
    .expect(200, { status: "accepted" });

  await jobIsDone(server, 2);
  expect(wire.calls).toEqual([...VISIT, ...VISIT]);
});

test("afterwards no secret, token or word of the customer's is in the log", async () => {
  const { server, wire } = await startInstalled();
  answerVisit(wire);
  const event = { text: "pizza to 7 Invented Street", custom_id: "custom-of-theirs" };

  await request(server.url)
    .post("/webhook")
    .send(anIncomingEvent({ secret: wire.secret(), event }))
    .expect(200);

  await jobIsDone(server);
  const log = server.sink.text();
  expect(log).toContain("chatio:1520:chat-1:event-1");
  const secrets = [wire.secret(), ACCESS_TOKEN, REFRESH_TOKEN, "client-secret-invented", "code/invented+1"];
  for (const hidden of [...secrets, "Invented Street", "custom-of-theirs", "on the way"]) {
    expect(log).not.toContain(hidden);
  }
});
