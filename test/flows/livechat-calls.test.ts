import { createHash } from "node:crypto";
import { join } from "node:path";
import nock from "nock";
import request from "supertest";
import { expect, test, vi } from "vitest";
import { cookiesOf } from "../support/browser.ts";
import { runCli } from "../support/cli.ts";
import { anIncomingLivechatEvent } from "../support/deliveries.ts";
import { forbidNetwork } from "../support/network.ts";
import { startTestServer } from "../support/server.ts";
import { temporaryFolder } from "../support/store.ts";

forbidNetwork();

// What LiveChat's documentation says of each call, written out once more: nothing of it comes from the sources or from the
// stand-in.
const ORGANIZATION = "0c9e4f52-dddd-4eee-8fff-000000000002";
const ACCOUNTS = "https://accounts.livechat.com";
const CONFIGURATION = "https://api.livechatinc.com/v3.6/configuration/action";
const AGENT = "https://api.livechatinc.com/v3.6/agent/action";
const APP = { client_id: "client-invented", client_secret: "client-secret-invented" };
const WEBHOOK_SECRET = "webhook-secret-of-the-app";
const CODE = "fra:code-invented";
const BOT = "5c9871d5372c824cbf22d860a707a578";
const CHAT = "PJ0MRSHTDG";

/** Deliveries and browsers come from this machine. */
const settingsOf = (path: string) => ({
  DATABASE_URL: `file:${path}`,
  PUBLIC_URL: "https://bots.example",
  LIVECHAT_CLIENT_ID: APP.client_id,
  LIVECHAT_CLIENT_SECRET: APP.client_secret,
  LIVECHAT_WEBHOOK_SECRET: WEBHOOK_SECRET,
  LIVECHAT_PAT: "developer-invented:pat-invented",
});

type Seen = {
  call: string;
  authorization: string | undefined;
  contentType: string | undefined;
  body: unknown;
};
type Answer = [status: number, body?: nock.Body];

/** LiveChat, as far as these answers go, each of which is given once; whatever else is called is refused, and noted all the same. */
function answerAsLivechat(answers: Readonly<Record<string, Answer[]>>): Seen[] {
  const seen: Seen[] = [];
  const left = structuredClone(answers);
  for (const host of [ACCOUNTS, "https://api.livechatinc.com"]) {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      nock(host)
        .persist()
        .intercept(/^/, method)
        .optionally()
        .reply(async (asked: Request) => {
          const call = `${method} ${asked.url}`;
          const header = (name: string) => asked.headers.get(name) ?? undefined;
          expect([...asked.headers.keys()].filter((name) => name.startsWith("x-"))).toEqual([]);
          seen.push({
            call,
            authorization: header("authorization"),
            contentType: header("content-type"),
            body: fieldsOf(await asked.text()),
          });
          return left[call]?.shift() ?? [404, { error: { type: "not_found", message: "no such call" } }];
        });
    }
  }
  return seen;
}

/** Of JSON or a form; undefined where there is no body. */
function fieldsOf(body: string): unknown {
  if (body === "") return undefined;
  return body.startsWith("{") ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
}

const TOKENS = {
  access_token: "fra:access-invented",
  account_id: "6f1d7c1e-aaaa-4bbb-8ccc-000000000001",
  expires_in: 28_800,
  organization_id: ORGANIZATION,
  refresh_token: "refresh-invented",
  scope: "agents-bot--my:rw,groups--all:ro,webhooks.state:rw",
  token_type: "Bearer",
};

const INSTALLING: Record<string, Answer[]> = {
  [`POST ${ACCOUNTS}/v2/token`]: [[200, TOKENS]],
  [`POST ${CONFIGURATION}/list_bots`]: [[200, []]],
  [`POST ${CONFIGURATION}/list_groups`]: [
    [
      200,
      [
        { id: 0, name: "General" },
        { id: 19, name: "Sales" },
      ],
    ],
  ],
  [`POST ${CONFIGURATION}/create_bot`]: [[200, { id: BOT, secret: "bot-secret-invented" }]],
  [`POST ${CONFIGURATION}/issue_bot_token`]: [[200, { token: "bot.token.invented" }]],
  [`POST ${AGENT}/set_routing_status`]: [[200, {}]],
  [`POST ${CONFIGURATION}/enable_license_webhooks`]: [[200, {}]],
};

const asApp = { authorization: "Bearer fra:access-invented", contentType: "application/json" };
const asBot = { authorization: "Bearer bot.token.invented", contentType: "application/json" };
const asDeveloper = {
  authorization: `Basic ${Buffer.from("developer-invented:pat-invented").toString("base64")}`,
  contentType: "application/json",
};

/** A server on which the bot was installed by a browser, and what that has called. */
async function startInstalled(answers: Readonly<Record<string, Answer[]>> = {}) {
  const seen = answerAsLivechat({ ...INSTALLING, ...answers });
  const settings = settingsOf(join(temporaryFolder(), "test.db"));
  const { url } = await startTestServer(settings);
  const begun = await request(url).get("/livechat/install").expect(302);
  const consent = new URL(begun.headers.location ?? "");
  const finish = await request(url)
    .get("/livechat/token")
    .query({ code: CODE, state: consent.searchParams.get("state") })
    .set("Cookie", cookiesOf(begun));
  const { location } = finish.headers;
  const page = location ? await request(url).get(location).set("Cookie", cookiesOf(finish)) : finish;
  return { url, settings, consent, page, seen, installing: seen.splice(0) };
}

async function deliverPizza(url: string): Promise<void> {
  const delivery = anIncomingLivechatEvent({
    organization: ORGANIZATION,
    secret: WEBHOOK_SECRET,
    chatId: CHAT,
  });
  await request(url).post("/livechat/webhook").send(delivery).expect(200, { status: "accepted" });
}

const MEMBERSHIP = { chat_id: CHAT, user_id: BOT, user_type: "agent", ignore_requester_presence: true };
const REPLY = { type: "message", text: "Pizza is on the way!", visibility: "agents" };
const VISIT = [
  {
    call: `POST ${AGENT}/add_user_to_chat`,
    ...asBot,
    body: { ...MEMBERSHIP, visibility: "agents" },
  },
  { call: `POST ${AGENT}/send_event`, ...asBot, body: { chat_id: CHAT, event: REPLY } },
  { call: `POST ${AGENT}/remove_user_from_chat`, ...asBot, body: MEMBERSHIP },
];
const VISITING: Record<string, Answer[]> = {
  [`POST ${AGENT}/add_user_to_chat`]: [[200, {}]],
  [`POST ${AGENT}/send_event`]: [[202, { event_id: "Q50W0A0P0Y_2" }]],
  [`POST ${AGENT}/remove_user_from_chat`]: [[200, {}]],
};

test("an installation makes exactly the calls that LiveChat documents", async () => {
  const { consent, page, installing } = await startInstalled();

  expect([page.status, page.text.includes(ORGANIZATION)]).toEqual([200, true]);
  expect(consent.origin + consent.pathname).toBe(`${ACCOUNTS}/`);
  const { state, code_challenge: challenge, ...rest } = Object.fromEntries(consent.searchParams);
  expect(rest).toEqual({
    response_type: "code",
    client_id: APP.client_id,
    redirect_uri: "https://bots.example/livechat/token",
    code_challenge_method: "S256",
  });
  expect(state).toMatch(/^.{16,}$/);
  const groups = [
    { id: 0, priority: "supervisor" },
    { id: 19, priority: "supervisor" },
  ];
  expect(installing).toEqual([
    {
      call: `POST ${ACCOUNTS}/v2/token`,
      authorization: undefined,
      contentType: expect.stringMatching(/^application\/x-www-form-urlencoded(;charset=utf-8)?$/),
      body: {
        ...APP,
        grant_type: "authorization_code",
        code: CODE,
        redirect_uri: "https://bots.example/livechat/token",
        code_verifier: expect.toSatisfy((verifier: string) => challengeOf(verifier) === challenge),
      },
    },
    { call: `POST ${CONFIGURATION}/list_bots`, ...asApp, body: { all: false } },
    { call: `POST ${CONFIGURATION}/list_groups`, ...asApp, body: {} },
    {
      call: `POST ${CONFIGURATION}/create_bot`,
      ...asApp,
      body: { name: "Pizza BOT", default_group_priority: "supervisor", groups },
    },
    {
      call: `POST ${CONFIGURATION}/issue_bot_token`,
      ...asApp,
      body: {
        bot_id: BOT,
        client_id: APP.client_id,
        bot_secret: "bot-secret-invented",
        organization_id: ORGANIZATION,
      },
    },
    {
      call: `POST ${AGENT}/set_routing_status`,
      ...asApp,
      body: { status: "not_accepting_chats", agent_id: BOT },
    },
    { call: `POST ${CONFIGURATION}/enable_license_webhooks`, ...asApp, body: {} },
  ]);
});

function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

test("a reaction makes exactly the calls that LiveChat documents", async () => {
  const { url, seen } = await startInstalled(VISITING);

  await deliverPizza(url);

  await vi.waitFor(() => expect(seen).toHaveLength(VISIT.length));
  expect(seen).toEqual(VISIT);
});

test("tokens that are refused are renewed by exactly the calls that LiveChat documents", async () => {
  const refused: Answer = [401, { error: { type: "authentication", message: "Invalid access token" } }];
  const { url, seen } = await startInstalled({
    ...VISITING,
    [`POST ${ACCOUNTS}/v2/token`]: [
      [200, TOKENS],
      [200, { ...TOKENS, access_token: "fra:access-renewed" }],
    ],
    [`POST ${CONFIGURATION}/issue_bot_token`]: [
      [200, { token: "bot.token.expired" }],
      refused,
      [200, { token: "bot.token.invented" }],
    ],
    [`POST ${AGENT}/add_user_to_chat`]: [refused, [200, {}]],
  });

  await deliverPizza(url);

  await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(VISIT.length + 4));
  const issuing = {
    bot_id: BOT,
    client_id: APP.client_id,
    bot_secret: "bot-secret-invented",
    organization_id: ORGANIZATION,
  };
  expect(seen).toEqual([
    { ...VISIT[0], authorization: "Bearer bot.token.expired" },
    { call: `POST ${CONFIGURATION}/issue_bot_token`, ...asApp, body: issuing },
    {
      call: `POST ${ACCOUNTS}/v2/token`,
      authorization: undefined,
      contentType: expect.stringMatching(/^application\/x-www-form-urlencoded/),
      body: { ...APP, grant_type: "refresh_token", refresh_token: "refresh-invented" },
    },
    {
      call: `POST ${CONFIGURATION}/issue_bot_token`,
      ...asApp,
      authorization: "Bearer fra:access-renewed",
      body: issuing,
    },
    ...VISIT,
  ]);
});

test("the app's webhooks are registered by exactly the calls that LiveChat documents", async () => {
  const seen = answerAsLivechat({
    [`POST ${CONFIGURATION}/list_webhooks`]: [[200, []]],
    [`POST ${CONFIGURATION}/register_webhook`]: [
      [200, { id: "wh_reg_01" }],
      [200, { id: "wh_reg_02" }],
    ],
  });
  const settings = settingsOf(join(temporaryFolder(), "test.db"));

  expect(await runCli("webhooks", ["add", "livechat"], settings)).toMatchObject({ code: 0, err: "" });

  const registering = (action: string) => ({
    call: `POST ${CONFIGURATION}/register_webhook`,
    ...asDeveloper,
    body: {
      action,
      url: "https://bots.example/livechat/webhook",
      secret_key: WEBHOOK_SECRET,
      type: "license",
      description: expect.any(String),
      owner_client_id: APP.client_id,
    },
  });
  expect(seen).toEqual([
    {
      call: `POST ${CONFIGURATION}/list_webhooks`,
      ...asDeveloper,
      body: { owner_client_id: APP.client_id },
    },
    registering("incoming_chat"),
    registering("incoming_event"),
  ]);
});

test("an installation that fails gives back what it has got by exactly the calls that LiveChat documents", async () => {
  const down: Answer = [503, { error: { type: "service_unavailable", message: "words" } }];
  const { page, installing } = await startInstalled({
    [`POST ${CONFIGURATION}/enable_license_webhooks`]: [down],
    [`POST ${CONFIGURATION}/delete_bot`]: [[200, {}]],
    [`DELETE ${ACCOUNTS}/v2/token`]: [[200, {}]],
  });

  expect(page.status).toBe(502);
  expect(installing.slice(7)).toEqual([
    { call: `POST ${CONFIGURATION}/delete_bot`, ...asApp, body: { id: BOT } },
    { call: `DELETE ${ACCOUNTS}/v2/token`, ...asApp, contentType: undefined, body: undefined },
  ]);
});
