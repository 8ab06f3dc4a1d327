import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { LICENSE, ORGANIZATION } from "../../src/demo/stage.ts";
import { runCli } from "../support/cli.ts";
import { examine } from "../support/doctor.ts";
import { installFromMarketplace } from "../support/livechat-stage.ts";
import { startNgrokAgent } from "../support/ngrok.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { UNREACHABLE_WEBEX } from "../support/settings.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** A running server with the bot installed and its webhooks added; the doctor's settings are the server's. */
async function startHealthy() {
  const own = {
    DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}`,
    ADMIN_PASSWORD: PASSWORD,
    WT_ALLOWED_SENDERS: "@example.com",
    WT_WEBHOOK_SECRET: "demo-webhook-secret",
  };
  const stage = await startTestStage(own);
  await stage.install();
  await stage.installLivechat();
  return { stage, settings: stage.settings };
}

test("on a healthy server every check is ok, except what only this machine and this demo lack", async () => {
  const { settings } = await startHealthy();
  const { code, findings } = await examine(settings);
  expect(code).toBe(0);
  expect(findings.filter(({ state }) => state !== "ok").map(({ check }) => check)).toEqual([
    "accounts",
    "PUBLIC_URL",
  ]);
  expect(findings.map(({ check }) => check)).toEqual([
    "server",
    "settings",
    "reactions",
    "operators",
    "database",
    "LiveChat app",
    `organization ${ORGANIZATION}`,
    "LiveChat hooks",
    "chat.io app",
    `license ${LICENSE}`,
    "accounts",
    "Webex token",
    "Webex hooks",
    "Webex secret",
    "Webex senders",
    "PUBLIC_URL",
    "clock",
  ]);
});

test("a platform that is not set up is named with its missing settings", async () => {
  const settings = { WT_API_TOKEN: "token-invented", WT_API_URL: "http://127.0.0.1:9/v1" };
  const { findings } = await examine(settings);
  expect(findings[0]).toMatchObject({
    check: "settings",
    state: "ok",
    says: "Webex is set up. LiveChat is not set up on this server: LIVECHAT_CLIENT_ID, LIVECHAT_CLIENT_SECRET and LIVECHAT_WEBHOOK_SECRET are missing. chat.io is not set up on this server: CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.",
  });
});

test("a setting whose name is mistyped is a warning with the nearest name", async () => {
  const { code, of } = await examine({
    WT_API_TOKEN: "token",
    WT_API_URL: "http://127.0.0.1:9",
    WT_SENDERS: "@a.example",
  });
  expect(code).toBe(0);
  expect(of("settings")[1]).toMatchObject({
    state: "warning",
    says: expect.stringMatching(/^WT_SENDERS is not a setting of this server\. Did you mean WT_/),
  });
});

test.each([
  ["eleven-char", "warning"],
  ["twelve-chars", "ok"],
])("the operator password %j is: %s; its value is not shown", async (password, state) => {
  const settings = { WT_API_TOKEN: "token", WT_API_URL: "http://127.0.0.1:9", ADMIN_PASSWORD: password };
  const { findings, of } = await examine(settings);
  expect(of("operators")).toMatchObject([{ state }]);
  expect(JSON.stringify(findings)).not.toContain(password);
});

test("each finding is a line that a person can read, and a problem says what fixes it", async () => {
  const { stage, settings } = await startHealthy();
  stage.webex.rejectToken();
  const { code, out } = await runCli("doctor", [], settings);
  expect(code).toBe(1);
  expect(out).toContain("ok       settings       LiveChat, chat.io, and Webex are set up\n");
  expect(out).toContain(
    "problem  Webex token    was refused\n" +
      "                        -> create a new one at developer.webex.com and put it into WT_API_TOKEN\n",
  );
});

test("after a change of address, bot agents and webhooks are problems, and --fix points them here", async () => {
  const { stage, settings } = await startHealthy();
  const moved = { ...settings, PUBLIC_URL: "https://new.example" };
  const before = await examine(moved);
  const elsewhere = before.findings.filter(({ says }) => says.includes(stage.serverUrl));
  expect(elsewhere.map(({ check, state, todo }) => ({ check, state, todo }))).toEqual([
    { check: "LiveChat hooks", state: "problem", todo: "npm run doctor -- --fix" },
    { check: "license 1520", state: "problem", todo: "npm run doctor -- --fix" },
    { check: "Webex hooks", state: "problem", todo: "npm run doctor -- --fix" },
    { check: "Webex hooks", state: "problem", todo: "npm run doctor -- --fix" },
  ]);
  const redirects = before.findings.filter(({ says }) => says.includes("the redirect URI has, too"));
  expect(redirects).toMatchObject([
    {
      check: "LiveChat app",
      state: "warning",
      todo: "see that it is https://new.example/livechat/token in the text.com developer console",
    },
    {
      check: "chat.io app",
      todo: "see that it is https://new.example/token in the chat.io developers console",
    },
  ]);

  const after = await examine(moved, "--fix");
  expect(after.findings).toEqual(expect.arrayContaining(redirects));
  expect(after.findings.filter(({ state }) => state === "problem").map(({ check }) => check)).toEqual([
    "PUBLIC_URL",
  ]);
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([
    { webhooks: { url: "https://new.example/webhook" } },
  ]);
  expect(stage.webex.webhooks().map(({ targetUrl }) => targetUrl)).toEqual(
    Array(2).fill("https://new.example/wtwebhook"),
  );
  expect(stage.livechat.webhooks().map(({ action, url }) => ({ action, url }))).toEqual([
    { action: "incoming_chat", url: "https://new.example/livechat/webhook" },
    { action: "incoming_event", url: "https://new.example/livechat/webhook" },
  ]);
});

test("a server that does not run is the first thing said, and a problem; not for --fix, which needs none", async () => {
  const path = join(temporaryFolder(), "test.db");
  openTestStore(path);
  const settings = { DATABASE_URL: `file:${path}`, PORT: "1", ...UNREACHABLE_WEBEX };
  const first = async (...args: string[]) => (await examine(settings, ...args)).findings[0];
  expect(await first()).toMatchObject({ check: "server", state: "problem", todo: "npm start" });
  expect((await first())?.says).toMatch(/^the server is not running here/);
  expect((await examine(settings)).code).toBe(1);
  expect(await first("--fix")).toMatchObject({ check: "server", state: "warning" });

  const neverStarted = await examine({ ...settings, DATABASE_URL: `file:${path}.not-there` });
  expect(neverStarted.of("server")).toEqual([]);
});

describe("at LiveChat", () => {
  const organization = `organization ${ORGANIZATION}`;

  test("a bot that misses a group, and webhooks that are disabled, are problems that --fix fixes", async () => {
    const { stage, settings } = await startHealthy();
    stage.livechat.addGroup(ORGANIZATION, "Sales");
    await disableWebhooks(stage);

    const before = await examine(settings);
    expect(before.of(organization)).toMatchObject([
      { state: "problem", says: "the bot was missing in groups: 1", todo: "npm run doctor -- --fix" },
      { state: "problem", says: "its webhooks are disabled: no chat reaches this server" },
    ]);
    expect((await examine(settings, "--fix")).of(organization)).toMatchObject([
      { state: "fixed", says: "the bot was missing in groups: 1; it is in all of them now" },
      { state: "fixed", says: "its webhooks were disabled, and are enabled now" },
    ]);
    expect((await examine(settings)).of(organization)).toMatchObject([{ state: "ok" }]);
  });

  test("a bot that is off line is put on line by the check", async () => {
    const { stage, settings } = await startHealthy();
    const [bot] = stage.livechat.botAgents(ORGANIZATION);
    stage.livechat.setRoutingStatus(ORGANIZATION, bot?.id ?? "", "offline");

    expect((await examine(settings)).of(organization)).toMatchObject([{ state: "ok" }]);

    expect(stage.livechat.botAgents(ORGANIZATION)).toMatchObject([{ status: "not_accepting_chats" }]);
  });

  test("a removed bot, and webhooks that are not registered, are problems with what to do", async () => {
    const { stage, settings } = await startHealthy();
    const [bot] = stage.livechat.botAgents(ORGANIZATION);
    stage.livechat.removeBotAgent(ORGANIZATION, bot?.id ?? "");
    for (const { id } of stage.livechat.webhooks()) await runCli("webhooks", ["delete", id], settings);

    const { code, of } = await examine(settings);

    expect(code).toBe(1);
    expect(of(organization)).toMatchObject([
      { state: "problem", says: expect.stringContaining("its bot was removed at LiveChat") },
    ]);
    expect(of("LiveChat hooks")).toMatchObject([
      { state: "problem", todo: "npm run webhooks -- add livechat" },
    ]);
  });

  test("tokens that are lost were revoked if the client secret is known to be right; the organization is named once", async () => {
    const { stage, settings } = await startHealthy();
    stage.livechat.addOrganization("another-organization", "owner@another.example");
    expect((await installFromMarketplace(stage, "another-organization")).status).toBe(200);
    stage.livechat.revokeAll(ORGANIZATION);

    const { of } = await examine(settings);

    expect(of("LiveChat app")).toMatchObject([{ state: "ok" }]);
    expect(of(organization)[0]?.says).toBe(
      "needs a reinstall: LiveChat no longer renews its tokens. They were revoked: LIVECHAT_CLIENT_SECRET is right. Open /livechat/install to do so.",
    );
    expect(of("organization another-organization")).toMatchObject([{ state: "ok" }]);
  });

  test("a wrong client secret is a warning, since LiveChat does not tell it from an unknown token", async () => {
    const { settings } = await startHealthy();
    const { of } = await examine({
      ...settings,
      LIVECHAT_CLIENT_SECRET: "another",
      DATABASE_URL: "file:/tmp/no-such-folder/no.db",
    });
    expect(of("LiveChat app")).toMatchObject([
      { state: "warning", says: "client id or secret may be wrong" },
    ]);
  });

  test("a changed address is remembered: the server warns until doctor has looked at the webhooks", async () => {
    const { stage, settings } = await startHealthy();
    const { findings: kept } = openTestStore(fileURLToPath(settings.DATABASE_URL ?? ""));
    await kept.write("LiveChat address", {
      publicUrl: stage.serverUrl,
      earlier: { publicUrl: "https://old.example", until: Date.now() },
    });
    const { LIVECHAT_PAT: _unset, ...blind } = settings;

    const { of } = await examine(blind);
    expect(of("LiveChat hooks")[1]).toMatchObject({
      state: "warning",
      says: expect.stringMatching(/^The public address was https:\/\/old\.example until .*redirect URIs$/),
      todo: "npm run doctor -- --fix",
    });
    expect(of("LiveChat app")).toContainEqual(
      expect.objectContaining({ todo: expect.stringContaining("/livechat/token in the text.com") }),
    );
    const warnings = async () => (await asOperator(stage.serverUrl).get("/readyz")).body.warnings;
    await vi.waitFor(
      async () => expect(await warnings()).toEqual([expect.stringContaining("The public address was")]),
      3000,
    );

    expect((await examine(settings)).of("LiveChat hooks")).toHaveLength(2);
    expect((await examine(settings)).of("LiveChat hooks")).toMatchObject([{ state: "ok" }]);
    await vi.waitFor(async () => expect(await warnings()).toEqual([]), 3000);
  });

  test("without a personal access token the webhooks are for the console", async () => {
    const { settings } = await startHealthy();
    const { LIVECHAT_PAT: _unset, ...rest } = settings;
    const { of } = await examine(rest);
    expect(of("LiveChat hooks")).toMatchObject([
      { state: "warning", todo: expect.stringContaining("developer console") },
    ]);
  });
});

async function disableWebhooks({ livechat, serverUrl }: TestStage): Promise<void> {
  await fetch(`${livechat.apiUrl}/v3.6/configuration/action/disable_license_webhooks`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${await anAccessToken(livechat, `${serverUrl}/livechat/token`)}`,
    },
    body: "{}",
  });
  expect(livechat.areWebhooksEnabled(ORGANIZATION)).toBe(false);
}

/** A further access token of the organization. */
async function anAccessToken(
  { accountsUrl, issueCode }: TestStage["livechat"],
  redirectUri: string,
): Promise<string> {
  const answer = await fetch(`${accountsUrl}/v2/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: issueCode(ORGANIZATION),
      redirect_uri: redirectUri,
      client_id: "demo-client",
      client_secret: "demo-client-secret",
    }),
  });
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}

test("an ngrok tunnel is used as PUBLIC_URL", async () => {
  const { stage, settings } = await startHealthy();
  const agent = await startNgrokAgent({ "https://abc.ngrok.example": `http://localhost:${settings.PORT}` });
  const { PUBLIC_URL: _unset, ...rest } = settings;
  const { findings } = await examine({ ...rest, NGROK_API_URL: agent }, "--fix");
  expect(findings.find(({ check }) => check === "PUBLIC_URL")?.says).toContain(
    "https://abc.ngrok.example (ngrok)",
  );
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([
    { webhooks: { url: "https://abc.ngrok.example/webhook" } },
  ]);
});

test("wrong credentials, a dead installation and another server at PUBLIC_URL are named", async () => {
  const { stage, settings } = await startHealthy();
  const impostor = createServer((_req, res) => res.end('{"status":"ok","server":"another"}'));
  await new Promise<void>((resolve) => impostor.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void impostor.close());
  const address = impostor.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  stage.chatio.revokeAll(LICENSE);
  const { code, findings } = await examine({ ...settings, PUBLIC_URL: `http://127.0.0.1:${port}` });
  expect(code).toBe(1);
  expect(findings.find(({ check }) => check === "license 1520")).toMatchObject({
    state: "problem",
    says: expect.stringContaining("needs a reinstall"),
  });
  expect(findings.find(({ check }) => check === "PUBLIC_URL")?.says).toContain("leads to another server");
  const wrong = await examine({ ...settings, CHATIO_CLIENT_ID: "other-client" });
  expect(wrong.findings.find(({ check }) => check === "chat.io app")).toMatchObject({
    state: "problem",
    says: "client id or secret was refused",
  });
});

test("wrong settings are one problem with every complaint in it; so is a server with nothing set up", async () => {
  const wrong = await examine({ PORT: "abc", LOG_LEVEL: "loud" });
  expect(wrong.code).toBe(1);
  expect(wrong.findings).toHaveLength(1);
  expect(wrong.findings[0]?.says).toMatch(/PORT must be .*LOG_LEVEL must be /s);
  const none = await examine({});
  expect(none.code).toBe(1);
  expect(none.findings[0]).toMatchObject({
    check: "settings",
    state: "problem",
    says: "no platform is set up",
  });
});

test("a damaged database is one problem, and the other checks still run", async () => {
  const { settings } = await startHealthy();
  const path = join(temporaryFolder(), "damaged.db");
  writeFileSync(path, "this is no database, but long enough to be taken for one".repeat(100));
  const { code, findings } = await examine({ ...settings, DATABASE_URL: `file:${path}` });
  expect(code).toBe(1);
  const bad = findings.filter(({ state }) => state === "problem");
  expect(bad).toMatchObject([{ check: "database", says: expect.stringContaining("is damaged") }]);
  expect(findings.map(({ check }) => check)).toContain("Webex hooks");
});
