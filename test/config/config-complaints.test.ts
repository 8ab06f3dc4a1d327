import { describe, expect, test } from "vitest";
import { type Environment, readConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";

const WEBEX = { WT_API_TOKEN: "bot-token-invented" };

function complaint(environment: Environment): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("nothing was complained of");
}

describe("what is wrong", () => {
  test("is named all at once: each setting, its value and what it should be", () => {
    const sentence = complaint({
      PORT: "five",
      LOG_LEVEL: "loud",
      PUBLIC_URL: "bots.example.com",
      CHATIO_API_VERSION: "3",
      REACTION_MAX_AGE: "soon",
      DATABASE_URL: "chatops.db",
      WT_WEBHOOK_SECRET: "webhook-secret-invented",
      CHATIO_CLIENT_ID: "id-invented",
    });
    const lines = sentence.split("\n").filter((line) => line.startsWith("  - "));
    const named = [...new Set(lines.map((line) => line.split(" ")[3]))].sort();
    expect(named).toEqual([
      "CHATIO_API_VERSION",
      "CHATIO_CLIENT_SECRET",
      "DATABASE_URL",
      "LOG_LEVEL",
      "PORT",
      "PUBLIC_URL",
      "REACTION_MAX_AGE",
      "WT_API_TOKEN",
    ]);
    expect(sentence).toMatch(/PORT must be a whole number, but is "five"/);
    expect(sentence).toMatch(/LOG_LEVEL must be one of fatal, .*, but is "loud"/);
    expect(sentence).toMatch(/PUBLIC_URL must be an http.* URL.*, but is "bots\.example\.com"/);
    expect(sentence).toMatch(/CHATIO_API_VERSION must look like v0\.3, but is "3"/);
    expect(sentence).toMatch(/REACTION_MAX_AGE must be .*, but is "soon"/);
    expect(sentence).toMatch(/DATABASE_URL must be file: .*, but is "chatops\.db"/);
    expect(sentence).toMatch(/CHATIO_CLIENT_SECRET is not set, but CHATIO_CLIENT_ID is/);
    expect(sentence).toMatch(/WT_API_TOKEN is not set, but WT_WEBHOOK_SECRET is/);
    expect(sentence).toContain(".env.example");
  });

  test("a short encryption key is refused, and not shown", () => {
    const sentence = complaint({ DATABASE_ENCRYPTION_KEY: "fifteen-letters" });
    expect(sentence).toContain("DATABASE_ENCRYPTION_KEY must have at least 16 characters");
    expect(sentence).not.toContain("fifteen-letters");
  });

  test.each([
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "80.5"],
    ["PUBLIC_URL", "ftp://bots.example.com"],
    ["PUBLIC_URL", "https://bots.example.com/?a=1"],
    ["PUBLIC_URL", "https://bots.example.com/#top"],
    ["PUBLIC_URL", "https://"],
    ["PUBLIC_URL", "https://bots example.com"],
    ["CHATIO_REDIRECT_URI", "/token"],
    ["WT_API_URL", "webexapis.com"],
    ["WT_ALLOWED_SENDERS", "ana"],
    ["WT_ALLOWED_SENDERS", ","],
    ["REACTION_MAX_AGE", "0s"],
    ["REACTION_MAX_AGE", "1d"],
    ["DATABASE_URL", "mysql://127.0.0.1/chatops"],
    ["DATABASE_URL", "postgres://127.0.0.1"],
    ["DATABASE_URL", "file:"],
    ["DATABASE_URL", "file://other-host/chatops.db"],
    ["DATABASE_URL", "file:///data%2Fchatops.db"],
    ["LOG_LEVEL", "INFO"],
    ["LIVECHAT_WEBHOOK_SECRET", "fifteen-letters"],
    ["LIVECHAT_API_VERSION", "3.6"],
    ["LIVECHAT_ALLOWED_ORGANIZATIONS", "one;two"],
    ["LIVECHAT_ALLOWED_ORGANIZATIONS", "one,"],
    ["LIVECHAT_PAT", "token-without-an-account"],
    ["LIVECHAT_PAT", "account:"],
    ["CHATIO_ALLOWED_LICENSES", "1520;7"],
    ["CHATIO_ALLOWED_LICENSES", "all"],
    ["WT_REPLY_PRIVATELY", "yes"],
    ["WT_HEAL_WEBHOOKS", "1"],
    ["NGROK_API_URL", "4040"],
    ["TRUST_PROXY", "10.0.0.0/33"],
    ["TRUST_PROXY", "everything"],
    ["TRUST_PROXY", "10.0.0.0/8/8"],
  ])("%s is not %s", (name, value) => {
    expect(complaint({ ...WEBEX, [name]: value })).toContain(`  - ${name} `);
  });

  test.each([
    [{ LIVECHAT_CLIENT_ID: "id-invented" }, "LIVECHAT_CLIENT_SECRET is not set, but LIVECHAT_CLIENT_ID is"],
    [
      { LIVECHAT_CLIENT_ID: "id-invented", LIVECHAT_CLIENT_SECRET: "secret-invented" },
      "LIVECHAT_WEBHOOK_SECRET is not set, but LIVECHAT_CLIENT_ID is",
    ],
    [
      { LIVECHAT_WEBHOOK_SECRET: "webhook-secret-invented" },
      "LIVECHAT_CLIENT_ID is not set, but LIVECHAT_WEBHOOK_SECRET is",
    ],
    [{ LIVECHAT_PAT: "account:token" }, "LIVECHAT_CLIENT_ID is not set, but LIVECHAT_PAT is"],
    [{ CHATIO_CLIENT_ID: "id-invented" }, "CHATIO_CLIENT_SECRET is not set, but CHATIO_CLIENT_ID is"],
    [{ CHATIO_CLIENT_SECRET: "secret-invented" }, "CHATIO_CLIENT_ID is not set, but CHATIO_CLIENT_SECRET is"],
    [{ WT_WEBHOOK_SECRET: "secret-invented" }, "WT_API_TOKEN is not set, but WT_WEBHOOK_SECRET is"],
    [{ WT_ALLOWED_SENDERS: "@example.com" }, "WT_API_TOKEN is not set, but WT_ALLOWED_SENDERS is"],
  ])("is a half-set platform: %j", (environment, sentence) => {
    expect(complaint(environment)).toContain(sentence);
    expect(complaint({ ...environment, ...blanks(sentence) })).toContain(sentence);
  });

  test("is not shown if it may be a secret, a person or a URL with a password", () => {
    const sentence = complaint({
      PORT: "five",
      CHATIO_CLIENT_SECRET: "client-secret-invented",
      LIVECHAT_WEBHOOK_SECRET: "short-invented",
      LIVECHAT_PAT: "pat-invented",
      WT_WEBHOOK_SECRET: "webhook-secret-invented",
      ADMIN_PASSWORD: "admin-invented",
      WT_ALLOWED_SENDERS: "ana@example.com bob@example.com",
      PUBLIC_URL: "https://ana:password-invented@bots.example.com/?",
      DATABASE_URL: "postgres://chatops:password-invented@127.0.0.1/chatops",
    });
    expect(sentence).toContain("WT_ALLOWED_SENDERS must be e-mail addresses");
    expect(sentence).not.toMatch(/invented|ana@|bob@/);
  });
});

/** The setting that the sentence says is missing, as an empty value. */
function blanks(sentence: string): Environment {
  return { [sentence.split(" ")[0] ?? ""]: "" };
}

test("a mistyped name is named with what is missing because of it", () => {
  const given = { CHATIO_CLIENT_ID: "client-invented", CHATIO_CLIENT_SECRT: "secret-invented" };
  expect(() => readConfig(given)).toThrow(
    /CHATIO_CLIENT_SECRET is not set, but CHATIO_CLIENT_ID is: [^\n]+\n {2}- CHATIO_CLIENT_SECRT is not a setting of this server\. Did you mean CHATIO_CLIENT_SECRET\?\n/,
  );
});
