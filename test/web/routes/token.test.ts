import request from "supertest";
import { expect, test } from "vitest";
import { beginInstall } from "../../support/browser.ts";
import {
  ACCESS_TOKEN,
  answerCreate,
  answerExchange,
  answerInfo,
  createWire,
  installPizzaBot,
  REFRESH_TOKEN,
} from "../../support/chatio-wire.ts";
import { anIncomingEvent } from "../../support/deliveries.ts";
import { forbidNetwork } from "../../support/network.ts";
import { startTestServer } from "../../support/server.ts";
import { CHATIO_SETTINGS, WEBEX_SETTINGS } from "../../support/settings.ts";

forbidNetwork();

const SECRETS = [ACCESS_TOKEN, REFRESH_TOKEN, "client-secret-invented", "code/invented", "code%2Finvented"];

test.each(["state[]=1", "state[a]=1", "state=1&state=2"])("%s is a state that is not ours", async (query) => {
  const { url } = await startTestServer({
    CHATIO_CLIENT_ID: "id-invented",
    CHATIO_CLIENT_SECRET: "secret-invented",
  });

  await request(url).get(`/token?code=a&${query}`).expect(400);
});

test("a browser's whole way: /install, consent, /token, and a page that names the license", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);
  const { state, cookie } = await beginInstall(url);
  const wire = createWire();
  answerExchange(wire);
  answerInfo(wire, 1789);
  answerCreate(wire);

  const { text } = await request(url)
    .get(`/token?code=code%2Finvented%2B1&state=${state}`)
    .set("Cookie", cookie)
    .expect(200);

  expect(text).toContain("license <strong>1789</strong>");
  for (const secret of [...SECRETS, wire.secret(), state]) expect(text).not.toContain(secret);
});

test("installing again updates the bot, which keeps its secret", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);
  const wire = await installPizzaBot(url);
  wire.calls.length = 0;
  answerExchange(wire, "code-2");
  answerInfo(wire);
  wire
    .api()
    .post("/configuration/v0.3/agents/update_bot_agent", {
      id: "bot-invented-1",
      name: "Pizza BOT",
      status: "not accepting chats",
      webhooks: {
        url: "https://bots.example/webhook",
        secret_key: wire.secret(),
        actions: [{ name: "incoming_event" }, { name: "incoming_chat_thread" }],
      },
    })
    .reply(200, {});

  await request(url).get("/token/?code=code-2").expect(200);

  expect(wire.calls).toEqual([
    "POST /token",
    "GET /info",
    "POST /configuration/v0.3/agents/update_bot_agent",
  ]);
});

test("a code that chat.io refuses is 502, on a page that says so and what to do", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);
  createWire()
    .accounts()
    .post("/token")
    .reply(400, { error: "invalid_grant", error_description: "<b>words</b>" });

  const { text, headers } = await request(url).get("/token?code=code%2Finvented").expect(502);

  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(text).toContain("chat.io answered exchange with 400, invalid_grant.");
  expect(text).toContain("Nothing was installed. The code was already used");
  for (const hidden of [...SECRETS, "words", ".ts"]) expect(text).not.toContain(hidden);
});

test("a chat.io that does not answer is 502", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);
  createWire().accounts().post("/token").replyWithError("cut");

  expect((await request(url).get("/token?code=a").expect(502)).text).toContain(
    "chat.io did not answer exchange",
  );
});

test("if chat.io refuses the bot agent, the token is revoked and nothing is installed", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);
  const wire = createWire();
  answerExchange(wire, "a");
  answerInfo(wire);
  wire
    .api()
    .post("/configuration/v0.3/agents/create_bot_agent")
    .reply(403, { error: { type: "authorization", message: "words" } });
  wire.accounts().delete("/token").query({ token: ACCESS_TOKEN }).reply(200, {});

  const { text } = await request(url).get("/token?code=a").expect(502);

  expect(text).toContain("chat.io answered create_bot_agent with 403, authorization.");
  expect(wire.calls.at(-1)).toBe("DELETE /token");
  const delivery = anIncomingEvent({ secret: wire.secret() });
  await request(url).post("/webhook").send(delivery).expect(401);
});

test("an error type that is not a plain word does not get onto the page", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);
  createWire().accounts().post("/token").reply(400, { error: "<img src=x onerror=alert(1)>" });

  const { text } = await request(url).get("/token?code=a").expect(502);

  expect(text).not.toMatch(/src=x|onerror/);
});

test("without a code, or with a state that is not ours, it is 400 and chat.io is not called", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);
  const queries = ["", "/", "?code=", "?code=a&code=b", "?error=access_denied", "?code=a&state=forged"];

  for (const query of queries) {
    await request(url).get(`/token${query}`).expect(400).expect("Content-Type", "text/html; charset=utf-8");
  }
});

test("if chat.io is not set up, /token is 503 on a page", async () => {
  const { url } = await startTestServer(WEBEX_SETTINGS);

  const { text } = await request(url).get("/token?code=a").expect(503);

  expect(text).toContain("chat.io is not set up on this server");
});
