import nock from "nock";
import { expect, test } from "vitest";
import { PlatformError } from "../../../src/errors.ts";
import { createLivechatClient } from "../../../src/platforms/livechat/client.ts";
import { livechatClientOptions } from "../../support/livechat.ts";
import { forbidNetwork } from "../../support/network.ts";

forbidNetwork();

const client = createLivechatClient(livechatClientOptions);
const bot = {
  account: "0c9e4f52-dddd-4eee-8fff-000000000002",
  accessToken: "access-invented",
  region: null,
  botId: "bot-1",
  botToken: "bot-token-invented",
  botSecret: "bot-secret-invented",
};

async function failureOf(call: Promise<unknown>): Promise<PlatformError> {
  const failure = await call.then(
    () => "it did not fail",
    (error: unknown) => error,
  );
  if (!(failure instanceof PlatformError)) throw new Error(`not a PlatformError: ${failure}`);
  return failure;
}

const joinAnsweredWith = (status: number, body?: nock.Body, headers?: nock.ReplyHeaders) => {
  nock("https://api.livechatinc.com")
    .post("/v3.6/agent/action/add_user_to_chat")
    .reply(status, body, headers);
  return failureOf(client.joinChat(bot, "CHATAAAA01", "agents"));
};

const refreshAnsweredWith = (status: number, body?: nock.Body) => {
  nock("https://accounts.livechat.com").post("/v2/token").reply(status, body);
  return failureOf(client.refresh(bot.account, "refresh-invented"));
};

const FINAL = [
  "agent_offline",
  "already_exists",
  "authentication",
  "authorization",
  "chat_inactive",
  "entity_too_large",
  "group_not_found",
  "license_expired",
  "license_not_found",
  "limit_reached",
  "misdirected_request",
  "missing_access",
  "not_found",
  "unsupported_version",
  "validation",
  "wrong_product_version",
];

test.each(
  [400, 403, 422, 500, 503].flatMap((status) => [
    ...FINAL.map((type) => [type, status, false] as const),
    ...["internal", "request_timeout", "service_unavailable", "too_many_requests"].map(
      (type) => [type, status, true] as const,
    ),
  ]),
)("the type %s decides, whatever the status (%d): worth another try: %s", async (type, status, retryable) => {
  const failure = await joinAnsweredWith(status, { error: { type, message: "words" } });

  expect(failure).toMatchObject({ type, status, retryable, mustSucceed: false });
});

test.each([
  ["something_new", 400, false],
  ["something_new", 503, true],
  ["Validation", 500, false],
])("a type of another kind, %s with %d: worth another try: %s", async (type, status, retryable) => {
  expect(await joinAnsweredWith(status, { error: { type, message: "words" } })).toMatchObject({
    type: type.toLowerCase(),
    retryable,
  });
});

test("too many requests, whatever the status, were not carried out, and ask for a pause", async () => {
  const body = { error: { type: "too_many_requests", message: "words" } };

  expect(await joinAnsweredWith(400, body)).toMatchObject({ wasNotDone: true, retryAfterMs: 15_000 });
  expect(await joinAnsweredWith(429, body, { "retry-after": "7" })).toMatchObject({ retryAfterMs: 7000 });
});

test("too many requests hold back the organization's further calls, whatever the status", async () => {
  const held: [string, number][] = [];
  const gate = {
    pass: async () => {},
    hold: async (quota: string, forMs: number) => void held.push([quota, forMs]),
    heldMs: () => 0,
  };
  const body = { error: { type: "too_many_requests", message: "words" } };
  nock("https://api.livechatinc.com").post("/v3.6/agent/action/add_user_to_chat").reply(400, body);

  await failureOf(
    createLivechatClient({ ...livechatClientOptions, gate }).joinChat(bot, "CHATAAAA01", "agents"),
  );

  expect(held).toEqual([[`livechat:${bot.account}`, 15_000]]);
});

test("after a time-out at LiveChat nobody knows whether the call was carried out", async () => {
  const failure = await joinAnsweredWith(504, { error: { type: "request_timeout", message: "words" } });

  expect(failure).toMatchObject({ retryable: true, wasNotDone: false });
});

test.each([302, 400, 401, 403, 404, 422, 500, 502])(
  "what a gateway answers with %d is worth another try",
  async (status) => {
    expect(await joinAnsweredWith(status, "<html>gateway</html>")).toMatchObject({
      type: null,
      status,
      retryable: true,
    });
  },
);

test("a failed call is named with its x-debug-id, which LiveChat's support asks for", async () => {
  const body = { error: { type: "validation", message: "words" } };
  const failure = await joinAnsweredWith(400, body, { "x-debug-id": "f0eb7b36-debug.7" });

  expect(failure.message).toBe(
    "LiveChat answered add_user_to_chat with 400, validation, x-debug-id f0eb7b36-debug.7.",
  );
});

test.each([
  ["a name too long", "x".repeat(33)],
  ["a header of its own", "fra\r\nX-Author-Id: bot"],
  ["a number", 7],
  ["nothing", undefined],
])("a region that is %s is not named", async (_what, region) => {
  const body = { error: { type: "misdirected_request", message: "words", data: { region } } };

  expect(await joinAnsweredWith(400, body)).toMatchObject({ type: "misdirected_request", region: null });
});

test("a call that is misdirected from the right region as well fails", async () => {
  const body = { error: { type: "misdirected_request", message: "words", data: { region: "fra" } } };
  nock("https://api.livechatinc.com").post("/v3.6/agent/action/add_user_to_chat").times(2).reply(421, body);

  expect(await failureOf(client.joinChat({ ...bot, account: "lost" }, "CHATAAAA01", "agents"))).toMatchObject(
    {
      type: "misdirected_request",
      retryable: false,
    },
  );
});

test.each([
  [{ error: "invalid_grant", error_description: "words", request_id: "r" }, "invalid_grant"],
  [{ error: "unauthorized_client" }, "unauthorized_client"],
  [{ oauth_exception: "invalid_grant", exception_description: "words" }, "invalid_grant"],
  [{ identity_exception: "unauthorized", exception_description: "words" }, "unauthorized"],
])("a refusal of the accounts server is read in each of its forms: %j", async (body, type) => {
  expect(await refreshAnsweredWith(400, body)).toMatchObject({ type, retryable: false });
});

test("accounts that are down for a moment are worth another try", async () => {
  expect(await refreshAnsweredWith(503, "down")).toMatchObject({ type: null, retryable: true });
});

const TOKENS = { access_token: "a", refresh_token: "r", expires_in: 1, organization_id: "org-1" };

test.each([
  ["no organization", { organization_id: undefined }],
  ["an organization that is no name", { organization_id: "a:b" }],
  ["an empty token", { access_token: "" }],
  ["no refresh token", { refresh_token: undefined }],
  ["a lifetime in words", { expires_in: "soon" }],
])("an exchange is not taken from an answer with %s", async (_name, change) => {
  nock("https://accounts.livechat.com")
    .post("/v2/token")
    .reply(200, { ...TOKENS, ...change });

  expect(await failureOf(client.exchange("code-invented", null))).toMatchObject({ status: 200 });
});

test("nothing that was sent, and nothing of the answer's words, is in an error", async () => {
  nock("https://accounts.livechat.com")
    .post("/v2/token")
    .reply(400, { error: "invalid_grant", error_description: "words" });
  nock("https://accounts.livechat.com").delete("/v2/token").reply(500, "words");
  const refusal = { error: { type: "validation", message: "words" } };
  nock("https://api.livechatinc.com").post("/v3.6/agent/action/send_event").reply(400, refusal);
  nock("https://api.livechatinc.com").post("/v3.6/configuration/action/issue_bot_token").reply(400, refusal);

  const failures = [
    await failureOf(client.exchange("code-invented", "verifier-invented")),
    await failureOf(client.revoke("access-invented")),
    await failureOf(client.sendMessage(bot, "CHATAAAA01", { text: "Pizza is on the way!", to: "agents" })),
    await failureOf(client.issueBotToken(bot, "bot-1", "bot-secret-invented")),
  ];

  const shown = failures
    .map((failure) => `${JSON.stringify(failure)} ${failure.stack} ${failure.cause}`)
    .join("\n");
  for (const hidden of ["-invented", "client-secret", "on the way", "words"])
    expect(shown).not.toContain(hidden);
});
