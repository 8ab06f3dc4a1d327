import nock from "nock";
import request from "supertest";
import { z } from "zod";

export const BOT = "bot-invented-1";
export const ACCESS_TOKEN = "1/access-invented";
export const REFRESH_TOKEN = "-/refresh-invented";

const sentSecret = z.object({ webhooks: z.object({ secret_key: z.string() }) });

export type Wire = {
  /** The calls to chat.io so far, e.g. "POST /token". */
  calls: string[];
  /** The webhook secret that the bot agent was made with. */
  secret(): string;
  accounts(): nock.Scope;
  api(): nock.Scope;
};

/** chat.io's two hosts, on which the calls are written down in their order. */
export function createWire(): Wire {
  const calls: string[] = [];
  let secret = "";

  function observe(scope: nock.Scope): nock.Scope {
    return scope.on("request", ({ method, url }: Request, _interceptor: unknown, body: string) => {
      const { pathname } = new URL(url);
      calls.push(`${method} ${pathname}`);
      if (pathname.endsWith("/create_bot_agent"))
        secret = sentSecret.parse(JSON.parse(body)).webhooks.secret_key;
    });
  }

  const reqheaders = { authorization: `Bearer ${ACCESS_TOKEN}` };
  return {
    calls,
    secret: () => secret,
    accounts: () => observe(nock("https://accounts.chat.io")),
    api: () => observe(nock("https://api.chat.io", { reqheaders })),
  };
}

/** Answers the exchange of the code, in exactly the form in which it has to be asked for. */
export function answerExchange(wire: Wire, code = "code/invented+1"): void {
  wire
    .accounts()
    .post("/token", {
      grant_type: "authorization_code",
      code,
      client_id: "client-id-invented",
      client_secret: "client-secret-invented",
      redirect_uri: "https://bots.example/token",
    })
    .reply(200, {
      access_token: ACCESS_TOKEN,
      refresh_token: REFRESH_TOKEN,
      expires_in: 3920,
      token_type: "Bearer",
    });
}

export function answerInfo(wire: Wire, licenseId = 1520): void {
  wire
    .accounts()
    .get("/info")
    .matchHeader("authorization", `Bearer ${ACCESS_TOKEN}`)
    .reply(200, { license_id: licenseId, expires_in: 3920 });
}

export function answerCreate(wire: Wire): void {
  wire
    .api()
    .post("/configuration/v0.3/agents/create_bot_agent", {
      name: "Pizza BOT",
      status: "not accepting chats",
      webhooks: {
        url: "https://bots.example/webhook",
        secret_key: /^[\w-]{43}$/,
        actions: [{ name: "incoming_event" }, { name: "incoming_chat_thread" }],
      },
    })
    .reply(200, { bot_agent_id: BOT });
}

/** Installs the Pizza BOT on license 1520 by way of /token. */
export async function installPizzaBot(serverUrl: string): Promise<Wire> {
  const wire = createWire();
  answerExchange(wire);
  answerInfo(wire);
  answerCreate(wire);
  await request(serverUrl).get("/token").query({ code: "code/invented+1" }).expect(200);
  return wire;
}

/** Answers join, send and leave in the chat, in exactly the form in which they have to be asked for. */
export function answerVisit(wire: Wire, chatId = "chat-1"): void {
  const there = { chat_id: chatId, agent_ids: [BOT] };
  const message = { type: "message", text: "Pizza is on the way!", recipients: "agents" };
  const said = { chat_id: chatId, event: message };
  wire.api().post("/agent/v0.3/action/join_chat", { author_id: BOT, payload: there }).reply(200);
  wire
    .api()
    .post("/agent/v0.3/action/send_event", { author_id: BOT, payload: said })
    .reply(200, { thread_id: "thread-1", event: {} });
  wire.api().post("/agent/v0.3/action/remove_from_chat", { author_id: BOT, payload: there }).reply(200);
}
