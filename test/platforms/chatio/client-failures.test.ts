import nock from "nock";
import { expect, test } from "vitest";
import { createChatioClient } from "../../../src/platforms/chatio/client.ts";
import { chatioOptions } from "../../support/chatio.ts";
import { failureOf } from "../../support/failure.ts";
import { forbidNetwork } from "../../support/network.ts";

forbidNetwork();

const client = createChatioClient(chatioOptions);
const bot = { account: "1520", accessToken: "access-invented", botId: "bot-1" };

const joinAnsweredWith = (status: number, body?: nock.Body) => {
  nock("https://api.chat.io").post("/agent/v0.3/action/join_chat").reply(status, body);
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

test.each(["invalid_grant", "invalid_client", "invalid_request"])(
  "a refresh token that is refused as %s is refused for good",
  async (type) => {
    const failure = await refreshAnsweredWith(400, { error: type, error_description: "words" });

    expect(failure).toMatchObject({ type, status: 400, retryable: false });
  },
);

test("what a gateway answers in place of either host may be retried", async () => {
  const retryable = { type: null, retryable: true };
  expect(await joinAnsweredWith(401, "<html>gateway</html>")).toMatchObject({ status: 401, ...retryable });
  expect(await refreshAnsweredWith(404, "down")).toMatchObject({ status: 404, ...retryable });
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

  expect((await failureOf(client.createBotAgent(bot, "webhook-secret-invented"))).message).toBe(
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
    await failureOf(client.sendMessage(bot, "chat-1", { text: "Pizza is on the way!", to: "agents" })),
  ];

  const shown = failures.map((failure) => `${JSON.stringify(failure)} ${failure.stack} ${failure.cause}`);
  for (const hidden of ["code-invented", "client-secret", "access-invented", "on the way", "words"]) {
    expect(shown.join("\n")).not.toContain(hidden);
  }
});
