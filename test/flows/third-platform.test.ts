import { html } from "@remix-run/html-template";
import request from "supertest";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import type { Environment } from "../../src/config/config.ts";
import { PlatformError, Unauthentic } from "../../src/errors.ts";
import { type KnownPlatform, PLATFORMS, type PlatformParts } from "../../src/platforms/list.ts";
import type { Platform, PlatformDescription } from "../../src/platforms/platform.ts";
import { beginInstall, visit } from "../support/browser.ts";
import { anInstallation } from "../support/jobs.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";
import { startTestServer } from "../support/server.ts";
import { CHATIO_SETTINGS } from "../support/settings.ts";

// A platform that exists in this file alone: what it takes to add one, and that nothing else has to be edited for it.

const ECHO: PlatformDescription = {
  name: "echo",
  title: "Echo Chat",
  bot: "Echo BOT",
  webhookPath: "/echo/webhook",
  notSetUp: "Echo Chat is not set up on this server: ECHO_KEY is missing.",
  missed: "What was written meanwhile did not arrive.",
  install: {
    startPath: "/echo/install",
    finishPath: "/echo/token",
    tenant: "workspace",
    console: "Echo console",
    credentials: "ECHO_KEY",
    whatNext: html`<p>Say something.</p>`,
    obstacles: { access_denied: "refused", invalid_client: "unknown_app" },
    mayHaveEmptyState: false,
  },
  startPage: {
    does: "Repeats what is said.",
    howToUse: html`<p>Say something.</p>`,
    settings: { name: "A key for Echo Chat", how: () => html`<p>Ask for one.</p>` },
    connection: { name: "The Echo BOT in your workspace", how: () => html`<p>Add it.</p>` },
  },
};

const delivery = z.object({ id: z.string(), workspace: z.string(), text: z.string() });

function createEcho({ installations, observe, log }: PlatformParts): Platform {
  return {
    name: ECHO.name,
    async open({ body }) {
      const { id, workspace, text } = delivery.parse(JSON.parse(body.toString("utf8")));
      if (!(await installations.find(workspace))) throw new Unauthentic("The workspace is not known.");
      const quota = `echo:${workspace}`;
      return [{ platform: ECHO.name, key: `echo:${id}`, lane: `${quota}:1`, quota, payload: { text } }];
    },
    async handle({ quota, payload }) {
      const isRefused = payload.text === "refuse";
      const outcome = isRefused ? "403" : "200";
      observe({ name: "say", quota, outcome, isRefusal: isRefused, ms: 3, platformTime: null });
      if (isRefused) throw new PlatformError("Echo Chat answered say with 403.", { retryable: false });
      return "said it again";
    },
    problem: () => null,
    warnings: () => ["Echo Chat repeats everything."],
    async start() {
      log.info("Echo Chat begins.");
    },
    async stop() {
      log.info("Echo Chat ends.");
    },
    hooks: () => ({ lookedAt: null, hooks: [] }),
    installer: {
      consentUrl: (state) => `https://echo.example/consent?state=${encodeURIComponent(state)}`,
      async install(code) {
        const facts = { status: 400, type: "invalid_client", retryable: false };
        if (code !== "good") throw new PlatformError("Echo Chat answered exchange with 400.", facts);
        await installations.save(
          anInstallation({ platform: ECHO.name, account: "acme", botId: "bot-of-acme", lookup: null }),
        );
        return { account: "acme" };
      },
      async countInstallations() {
        const { ok } = await installations.countByState();
        return { all: ok, needingReinstall: 0 };
      },
    },
  };
}

type EchoOptions = { isSetUp?: boolean; settings?: Environment };

async function startEcho({ isSetUp = true, settings = {} }: EchoOptions = {}) {
  const echo: KnownPlatform = {
    description: ECHO,
    isSetUp: () => isSetUp,
    create: (_config, parts) => (isSetUp ? createEcho(parts) : null),
  };
  const server = await startTestServer(
    { ADMIN_PASSWORD: PASSWORD, DATABASE_ENCRYPTION_KEY: "key-invented-123456", ...settings },
    { platforms: [...PLATFORMS, echo] },
  );
  const say = (id: string, text: string) =>
    request(server.url).post("/echo/webhook").send({ id, workspace: "acme", text });
  const install = async (code: string) => {
    const { state, cookie } = await beginInstall(server.url, "/echo/install");
    const page = await visit(`${server.url}/echo/token?${new URLSearchParams({ code, state })}`, [cookie]);
    return { status: page.status, text: await page.text() };
  };
  return { ...server, say, install };
}

test("a third platform is installed, takes deliveries, and its jobs are done", async () => {
  const { install, say, sink, stop } = await startEcho();
  await say("1", "hello").expect(401);

  const { status, text } = await install("good");
  expect([status, wordsOf(text)]).toEqual([
    200,
    expect.stringContaining(
      "The Echo BOT now works on workspace acme . “Workspace” is Echo Chat’s word for a company’s account. Say something.",
    ),
  ]);
  await say("1", "hello").expect(200, { status: "accepted" });
  await say("1", "hello").expect(200, { status: "duplicate" });
  await vi.waitFor(() => expect(sink.messages()).toContain("Job done: said it again"));

  await stop();
  expect(sink.messages()).toEqual(expect.arrayContaining(["Echo Chat begins.", "Echo Chat ends."]));
});

test("status page, health, metrics and start page show it", async () => {
  const { install, say, sink, url } = await startEcho();
  await install("good");
  await say("1", "hello").expect(200);
  await say("2", "refuse").expect(200);
  await vi.waitFor(() => expect(sink.text().match(/Job (done|dead)/g)).toHaveLength(2));
  const operator = asOperator(url);

  const status = (await operator.get("/status").expect(200)).text;
  expect(wordsOf(status)).toContain(
    "Echo Chat works, with warnings dead: 1 Echo Chat repeats everything. Dead jobs: 1. See why",
  );
  expect(wordsOf(status)).toContain("Webhooks at Echo Chat Echo Chat has not listed them yet.");
  expect(wordsOf(status)).toMatch(/dead Retry echo:2 Echo Chat answered say with 403\..* echo:2 Echo Chat/);
  expect(wordsOf(status)).toMatch(/Echo Chat acme ok .+ bot-of-acme/);
  expect(status).toMatch(/href="[^"]+\/echo\/install">Install or reinstall on Echo Chat</);

  const { body } = await operator.get("/readyz").expect(200);
  expect(body).toMatchObject({
    "Echo Chat": "ok",
    warnings: [
      "Echo Chat repeats everything.",
      "Echo Chat: dead jobs: 1. See why: /status?state=dead&platform=echo",
    ],
  });

  const metrics = (await operator.get("/metrics").expect(200)).text;
  for (const line of [
    'chatops_deliveries_total{platform="echo",answer="accepted"} 2',
    'chatops_job_duration_seconds_count{platform="echo",end="done"} 1',
    'chatops_platform_calls_total{platform="echo",call="say",outcome="403"} 1',
    'chatops_installations{platform="echo",state="ok"} 1',
    'chatops_platform_warnings{platform="echo"} 1',
    'chatops_platform_failing{platform="echo"} 0',
  ])
    expect(metrics).toContain(line);

  const start = (await request(url).get("/").expect(200)).text;
  expect(wordsOf(start)).toContain(
    "Echo BOT Echo Chat Repeats what is said. Installed on 1 workspace. Install on another workspace Say something.",
  );
  expect(wordsOf(start)).toContain("The Echo BOT in your workspace done");
  expect(sink.messages()).toContain(
    `The Echo BOT can be installed on Echo Chat at http://localhost:${new URL(url).port}/echo/install.`,
  );
});

test("an installation that it refuses is explained in its words", async () => {
  const { install, url } = await startEcho();

  const { status, text } = await install("bad");
  expect(status).toBe(502);
  expect(wordsOf(text)).toContain("Echo Chat refused or did not answer");
  expect(wordsOf(text)).toContain(
    "Echo Chat does not know this app: ask whoever runs this server to compare ECHO_KEY",
  );
  expect(text).toContain('href="/echo/install">Start the installation again</a>');

  const denied = await request(url).get("/echo/token?error=access_denied").expect(400);
  expect(wordsOf(denied.text)).toContain("The Echo BOT was not allowed at Echo Chat.");
});

test("while it is not set up, one sentence says so everywhere", async () => {
  const { say, sink, url } = await startEcho({ isSetUp: false, settings: CHATIO_SETTINGS });

  expect(sink.messages()).toContain(ECHO.notSetUp);
  await say("1", "hello").expect(503, { error: ECHO.notSetUp });
  expect((await request(url).get("/echo/install").expect(503)).text).toContain(ECHO.notSetUp);
  expect(sink.messages()).toContain(`Refused: ${ECHO.notSetUp}`);
  expect((await request(url).get("/readyz")).body).toMatchObject({ "Echo Chat": "not set up" });
  expect(wordsOf((await request(url).get("/").expect(200)).text)).toContain(
    "A key for Echo Chat Ask for one.",
  );
});
