import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { runCli } from "../support/cli.ts";
import { examine } from "../support/doctor.ts";
import { startNgrokAgent } from "../support/ngrok.ts";
import { startTestStage } from "../support/stage.ts";
import { temporaryFolder } from "../support/store.ts";

/** A running server with the bot installed and its webhooks added; the doctor's settings are the server's. */
async function startHealthy() {
  const own = {
    DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}`,
    ADMIN_PASSWORD: "a-long-operator-password",
    WT_ALLOWED_SENDERS: "@example.com",
    WT_WEBHOOK_SECRET: "demo-webhook-secret",
  };
  const stage = await startTestStage(own);
  await stage.install();
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
    "settings",
    "operators",
    "database",
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
    says: "Webex is set up. chat.io is not set up on this server: CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.",
  });
});

test("each finding is a line that a person can read, and a problem says what fixes it", async () => {
  const { stage, settings } = await startHealthy();
  stage.webex.rejectToken();
  const { code, out } = await runCli("doctor", [], settings);
  expect(code).toBe(1);
  expect(out).toContain("ok       settings       chat.io and Webex are set up\n");
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
    { check: "license 1520", state: "problem", todo: "npm run doctor -- --fix" },
    { check: "Webex hooks", state: "problem", todo: "npm run webhooks -- add" },
    { check: "Webex hooks", state: "problem", todo: "npm run webhooks -- add" },
  ]);

  const after = await examine(moved, "--fix");
  expect(after.findings.filter(({ state }) => state === "problem").map(({ check }) => check)).toEqual([
    "PUBLIC_URL",
  ]);
  expect(stage.chatio.botAgents(LICENSE)).toMatchObject([
    { webhooks: { url: "https://new.example/webhook" } },
  ]);
  expect(stage.webex.webhooks().map(({ targetUrl }) => targetUrl)).toEqual(
    Array(2).fill("https://new.example/wtwebhook"),
  );
});

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
  const impostor = createServer((_req, res) => res.end('{"status":"ok","instance":"another"}'));
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
