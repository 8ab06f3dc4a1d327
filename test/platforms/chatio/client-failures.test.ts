import nock from "nock";
import { expect, test } from "vitest";
import { PlatformError } from "../../../src/errors.ts";
import { createChatioClient } from "../../../src/platforms/chatio/client.ts";
import { chatioOptions } from "../../support/chatio.ts";
import { forbidNetwork } from "../../support/network.ts";

forbidNetwork();

const client = createChatioClient(chatioOptions);
const bot = { account: "1520", accessToken: "access-invented", botId: "bot-1" };

async function failureOf(call: Promise<unknown>): Promise<PlatformError> {
  const failure = await call.then(
    () => "it did not fail",
    (error: unknown) => error,
  );
  if (!(failure instanceof PlatformError)) throw new Error(`not a PlatformError: ${failure}`);
  return failure;
}

const joinAnsweredWith = (status: number, body?: nock.Body, headers?: nock.ReplyHeaders) => {
  nock("https://api.chat.io").post("/agent/v0.3/action/join_chat").reply(status, body, headers);
  return failureOf(client.joinChat(bot, "chat-1"));
};

const refreshAnsweredWith = (status: number, body?: nock.Body) => {
  nock("https://accounts.chat.io").post("/token").reply(status, body);
  return failureOf(client.refresh("1520", "refresh-invented"));
};

test.each([
  ["internal", 500, true],
  ["internal", 400, true],
  ["request_timeout", 408, true],
  ["request_timeout", 400, true],
  ["validation", 400, false],
  ["validation", 500, false],
  ["authorization", 403, false],
  ["authentication", 401, false],
  ["license_expired", 402, false],
  ["unsupported_version", 400, false],
  ["something_new", 400, false],
  ["something_new", 503, true],
])("the error type %s, with %d, may be retried: %s", async (type, status, retryable) => {
  const failure = await joinAnsweredWith(status, { error: { type, message: "words" } });

  expect(failure).toMatchObject({ type, status, retryable, mustSucceed: false });
});

test.each([302, 400, 401, 403, 404, 407, 408, 421, 425, 429, 500, 502, 503])(
  "a gateway's %d may be retried",
  async (status) => {
    expect(await joinAnsweredWith(status, "<html>gateway</html>")).toMatchObject({
      type: null,
      status,
      retryable: true,
    });
  },
);

test("a rate limit says how long to wait", async () => {
  const failure = await joinAnsweredWith(429, {}, { "retry-after": "7" });

  expect(failure).toMatchObject({ retryable: true, retryAfterMs: 7000 });
});

test("a redirect is not followed, since the token would go with it", async () => {
  const failure = await joinAnsweredWith(302, "", { location: "https://elsewhere.example/" });

  expect(failure).toMatchObject({ status: 302, retryable: true });
});

test("no answer may be retried", async () => {
  nock("https://api.chat.io").post("/agent/v0.3/action/join_chat").replyWithError(reset());

  const failure = await failureOf(client.joinChat(bot, "chat-1"));

  expect(failure).toMatchObject({ status: null, retryable: true });
  expect(failure.message).toBe("chat.io did not answer join_chat (ECONNRESET).");
});

function reset(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}

test("no call is retried by the client", async () => {
  let asked = 0;
  nock("https://api.chat.io")
    .persist()
    .post("/agent/v0.3/action/send_event")
    .reply(500, { error: { type: "internal", message: "words" } })
    .on("request", () => {
      asked += 1;
    });

  await failureOf(client.sendToAgents(bot, "chat-1", "Pizza is on the way!"));

  expect(asked).toBe(1);
});

test.each(["invalid_grant", "invalid_client", "invalid_request"])(
  "a refresh token that is refused as %s is refused for good",
  async (type) => {
    const failure = await refreshAnsweredWith(400, { error: type, error_description: "words" });

    expect(failure).toMatchObject({ type, status: 400, retryable: false });
  },
);

test("an outage of the accounts host may be retried", async () => {
  expect(await refreshAnsweredWith(503, "down")).toMatchObject({ type: null, retryable: true });
});

test.each([
  ["no tokens", {}],
  ["an empty token", { access_token: "", refresh_token: "r", expires_in: 1 }],
  ["no refresh token", { access_token: "a", expires_in: 1 }],
  ["a lifetime in words", { access_token: "a", refresh_token: "r", expires_in: "soon" }],
  ["no lifetime", { access_token: "a", refresh_token: "r", expires_in: null }],
  ["a page", "<html></html>"],
])("an answer with %s gives no tokens", async (_name, body) => {
  expect(await refreshAnsweredWith(200, body)).toMatchObject({ status: 200, retryable: true });
});

test("a new bot agent without an id is a failure", async () => {
  nock("https://api.chat.io").post("/configuration/v0.3/agents/create_bot_agent").reply(200, {});

  const failure = await failureOf(client.createBotAgent(bot, "webhook-secret-invented"));

  expect(failure.message).toBe(
    "chat.io answered create_bot_agent with 200, but not in the expected format (bot_agent_id).",
  );
});

test.each(["1520", 1.5, null, 0, -1520, 2 ** 53, 1e300])(
  "the license %j is a failure",
  async (license_id) => {
    nock("https://accounts.chat.io").get("/info").reply(200, { license_id });

    expect(await failureOf(client.info("access-invented"))).toMatchObject({ status: 200 });
  },
);

test("an error contains nothing that was sent, and none of the answer's text", async () => {
  nock("https://accounts.chat.io")
    .post("/token")
    .reply(400, { error: "invalid_grant", error_description: "words" });
  nock("https://accounts.chat.io").delete("/token").query(true).reply(500, "words");
  nock("https://api.chat.io")
    .post("/agent/v0.3/action/send_event")
    .reply(400, { error: { type: "validation", message: "words" } });

  const failures = [
    await failureOf(client.exchange("code-invented")),
    await failureOf(client.revoke("access-invented")),
    await failureOf(client.sendToAgents(bot, "chat-1", "Pizza is on the way!")),
  ];

  const shown = failures
    .map((failure) => `${JSON.stringify(failure)} ${failure.stack} ${failure.cause}`)
    .join("\n");
  for (const hidden of ["code-invented", "client-secret", "access-invented", "on the way", "words"]) {
    expect(shown).not.toContain(hidden);
  }
});
