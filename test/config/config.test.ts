import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { encryptionSecretsOf, processEnvironment, readConfig } from "../../src/config/config.ts";
import { temporaryFolder } from "../support/store.ts";

const CHATIO = { CHATIO_CLIENT_ID: "id-invented", CHATIO_CLIENT_SECRET: "client-secret-invented" };
const WEBEX = { WT_API_TOKEN: "bot-token-invented" };

describe("credentials are encrypted", () => {
  const key = "encryption-key-invented";

  test("with the platform's client secret, and where there is none with nothing", () => {
    const config = readConfig(CHATIO);
    expect(encryptionSecretsOf(config, "chatio")).toEqual(["client-secret-invented"]);
    expect(encryptionSecretsOf(config, "webex")).toEqual([]);
    expect(encryptionSecretsOf(readConfig({}), "chatio")).toEqual([]);
  });

  test("with DATABASE_ENCRYPTION_KEY where it is set; the client secret still opens what was there before", () => {
    const config = readConfig({ ...CHATIO, DATABASE_ENCRYPTION_KEY: key });
    expect(encryptionSecretsOf(config, "chatio")).toEqual([key, "client-secret-invented"]);
    expect(encryptionSecretsOf(config, "webex")).toEqual([key]);
  });
});

describe("LiveChat's settings", () => {
  const app = {
    LIVECHAT_CLIENT_ID: "id-invented",
    LIVECHAT_CLIENT_SECRET: "client-secret-invented",
    LIVECHAT_WEBHOOK_SECRET: "webhook-secret-invented",
  };

  test("have their defaults, and its credentials are encrypted with its own client secret", () => {
    const config = readConfig({
      ...CHATIO,
      ...app,
      PUBLIC_URL: "https://bots.example/",
      REACTION_MAX_AGE: "5m",
    });
    expect(config.livechat).toEqual({
      clientId: "id-invented",
      clientSecret: "client-secret-invented",
      webhookSecret: "webhook-secret-invented",
      redirectUri: "https://bots.example/livechat/token",
      webhookUrl: "https://bots.example/livechat/webhook",
      accountsUrl: "https://accounts.livechat.com",
      apiUrl: "https://api.livechatinc.com",
      apiVersion: "v3.6",
      reactionMaxAgeMs: 300_000,
      allowedOrganizations: null,
      personalAccessToken: null,
    });
    expect(encryptionSecretsOf(readConfig(app), "livechat")).toEqual(["client-secret-invented"]);
    expect(encryptionSecretsOf(readConfig(app), "chatio")).toEqual([]);
  });

  test("take a list of organizations, and a personal access token with a region before its colon", () => {
    const { livechat } = readConfig({
      ...app,
      LIVECHAT_ALLOWED_ORGANIZATIONS: "0c9e4f52-dddd-4eee-8fff-000000000002 , org_2",
      LIVECHAT_PAT: "account-1:dal:token-invented",
    });
    expect(livechat).toMatchObject({
      allowedOrganizations: ["0c9e4f52-dddd-4eee-8fff-000000000002", "org_2"],
      personalAccessToken: { accountId: "account-1", token: "dal:token-invented" },
    });
  });
});

test("a name that begins like a setting and is none is warned of, with the nearest, and without its value", () => {
  const { warnings } = readConfig({
    LIVECHAT_CLIENT_SECRETE: "secret-invented",
    CHATIO_ALLOWED_LICENCES: "1520",
    WT_TOKEN: "",
    WT_SESSION: "of Windows Terminal",
    LIVE: "1",
  });
  expect(warnings).toEqual([
    "LIVECHAT_CLIENT_SECRETE is not a setting of this server. Did you mean LIVECHAT_CLIENT_SECRET?",
    "CHATIO_ALLOWED_LICENCES is not a setting of this server. Did you mean CHATIO_ALLOWED_LICENSES?",
  ]);
});

test("settings that are left out have their defaults, and a platform without its credentials is off", () => {
  expect(readConfig({})).toMatchObject({
    port: 5000,
    host: "127.0.0.1",
    publicUrl: "http://localhost:5000",
    chatio: null,
    webex: null,
    accountsFile: null,
    database: { kind: "sqlite", path: resolve("data/chatops.db") },
    encryptionKey: null,
    trustProxy: "loopback",
    ngrokApiUrl: "http://127.0.0.1:4040",
    operatorPassword: null,
    logLevel: "info",
  });
  expect(readConfig({ ...CHATIO, ...WEBEX })).toMatchObject({
    chatio: {
      clientId: "id-invented",
      clientSecret: "client-secret-invented",
      redirectUri: "http://localhost:5000/token",
      webhookUrl: "http://localhost:5000/webhook",
      accountsUrl: "https://accounts.chat.io",
      apiUrl: "https://api.chat.io",
      apiVersion: "v0.3",
      reactionMaxAgeMs: 3_600_000,
      allowedLicenses: null,
    },
    webex: {
      token: "bot-token-invented",
      apiUrl: "https://webexapis.com/v1",
      targetUrl: "http://localhost:5000/wtwebhook",
      webhookSecret: null,
      allowedSenders: null,
      replyPrivately: false,
      healWebhooks: false,
    },
  });
  expect(readConfig(CHATIO).webex).toBeNull();
  expect(readConfig(WEBEX).chatio).toBeNull();
});

test("every setting is used as given", () => {
  const config = readConfig({
    ...CHATIO,
    ...WEBEX,
    PORT: "8080",
    HOST: "0.0.0.0",
    PUBLIC_URL: "https://bots.example.com/base",
    CHATIO_REDIRECT_URI: "https://other.example/token",
    CHATIO_WEBHOOK_URL: "https://hooks.example/chatio",
    CHATIO_ACCOUNTS_URL: "http://127.0.0.1:7001",
    CHATIO_API_URL: "http://127.0.0.1:7002/api",
    CHATIO_API_VERSION: "v0.5",
    REACTION_MAX_AGE: "90s",
    WT_API_URL: "http://127.0.0.1:7003/v1",
    WT_TARGET_URL: "https://hooks.example/webex",
    WT_WEBHOOK_SECRET: "webhook-secret-invented",
    CHATIO_ALLOWED_LICENSES: "1520, 7",
    WT_REPLY_PRIVATELY: "true",
    WT_HEAL_WEBHOOKS: "true",
    NGROK_API_URL: "http://127.0.0.1:4041",
    TRUST_PROXY: "10.0.0.0/8",
    WT_ALLOWED_SENDERS: " Ana@Example.com, @Globomantics.example ,",
    ACCOUNTS_FILE: "accounts.json",
    DATABASE_URL: "file:///var/lib/chatops/it%20is.db",
    ADMIN_PASSWORD: "admin-invented",
    LOG_LEVEL: "debug",
  });
  expect(config).toMatchObject({
    port: 8080,
    host: "0.0.0.0",
    publicUrl: "https://bots.example.com/base",
    accountsFile: "accounts.json",
    database: { kind: "sqlite", path: "/var/lib/chatops/it is.db" },
    operatorPassword: "admin-invented",
    trustProxy: "10.0.0.0/8",
    ngrokApiUrl: "http://127.0.0.1:4041",
    logLevel: "debug",
    chatio: {
      redirectUri: "https://other.example/token",
      webhookUrl: "https://hooks.example/chatio",
      accountsUrl: "http://127.0.0.1:7001",
      apiUrl: "http://127.0.0.1:7002/api",
      apiVersion: "v0.5",
      reactionMaxAgeMs: 90_000,
      allowedLicenses: ["1520", "7"],
    },
    webex: {
      apiUrl: "http://127.0.0.1:7003/v1",
      targetUrl: "https://hooks.example/webex",
      webhookSecret: "webhook-secret-invented",
      allowedSenders: ["ana@example.com", "@globomantics.example"],
      replyPrivately: true,
      healWebhooks: true,
    },
  });
});

test("senders match in any ASCII case: a look-alike in the list allows only itself", () => {
  const { webex } = readConfig({ ...WEBEX, WT_ALLOWED_SENDERS: "MI\u212aE@Example.com,@\u00c4.example" });
  expect(webex?.allowedSenders).toEqual(["mi\u212ae@example.com", "@\u00c4.example"]);
});

test("addresses that are not set follow the public URL; slashes at the end and spaces around make no difference", () => {
  const { publicUrl, chatio, webex } = readConfig({
    ...CHATIO,
    ...WEBEX,
    PUBLIC_URL: "https://bots.example.com//",
    CHATIO_API_URL: "http://127.0.0.1:7002/",
    WT_API_URL: " http://127.0.0.1:7003/v1/\n",
  });
  expect([publicUrl, chatio?.redirectUri, chatio?.webhookUrl, webex?.targetUrl]).toEqual([
    "https://bots.example.com",
    "https://bots.example.com/token",
    "https://bots.example.com/webhook",
    "https://bots.example.com/wtwebhook",
  ]);
  expect([chatio?.apiUrl, webex?.apiUrl]).toEqual(["http://127.0.0.1:7002", "http://127.0.0.1:7003/v1"]);
  expect(readConfig({ PORT: " 8080 " }).publicUrl).toBe("http://localhost:8080");
  // The redirect URI must be exactly the one registered in the console.
  const registered = "https://bots.example.com/token/";
  expect(readConfig({ ...CHATIO, CHATIO_REDIRECT_URI: registered }).chatio?.redirectUri).toBe(registered);
});

test("an empty or blank value counts as not set", () => {
  const names = ["PORT", "PUBLIC_URL", "CHATIO_CLIENT_ID", "WT_API_TOKEN", "WT_ALLOWED_SENDERS", "LOG_LEVEL"];
  const more = ["DATABASE_URL", "ADMIN_PASSWORD", "WT_WEBHOOK_SECRET", "ACCOUNTS_FILE", "CHATIO_API_VERSION"];
  const blank = Object.fromEntries([...names, ...more].flatMap((name, n) => [[name, n % 2 ? "  " : ""]]));
  expect(readConfig(blank)).toEqual(readConfig({}));
});

describe(".env", () => {
  function inFolderWith(content: string | null): void {
    const folder = temporaryFolder();
    if (content !== null) writeFileSync(join(folder, ".env"), content);
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    onTestFinished(() => void vi.restoreAllMocks());
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  test("that cannot be read is an error, rather than a server without its settings", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".env"));
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(() => processEnvironment()).toThrow(/^\.env exists but cannot be read: EISDIR/);
  });

  test("in the working folder adds to the environment, which wins", () => {
    inFolderWith('PORT=7001\nHOST=0.0.0.0 # comment\nWT_API_TOKEN="token invented"\n');
    vi.stubEnv("PORT", "7002");
    vi.stubEnv("HOST", undefined);
    vi.stubEnv("WT_API_TOKEN", undefined);
    expect(processEnvironment()).toMatchObject({
      PORT: "7002",
      HOST: "0.0.0.0",
      WT_API_TOKEN: "token invented",
    });
    expect(process.env.HOST).toBeUndefined();
  });

  test("may be missing", () => {
    inFolderWith(null);
    vi.stubEnv("PORT", "7002");
    expect(processEnvironment().PORT).toBe("7002");
  });
});
