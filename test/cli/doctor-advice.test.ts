import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { LICENSE, ORGANIZATION } from "../../src/demo/stage.ts";
import type { FaultKind } from "../../src/sandbox/faults.ts";
import { claimOne } from "../store/in-hand.ts";
import { runCli } from "../support/cli.ts";
import { examine } from "../support/doctor.ts";
import { aJob } from "../support/jobs.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

async function startInstalled(): Promise<TestStage> {
  const path = join(temporaryFolder(), "test.db");
  const stage = await startTestStage({ DATABASE_URL: `file:${path}`, ADMIN_PASSWORD: PASSWORD });
  await stage.install();
  await stage.installLivechat();
  return stage;
}

async function warningsOf({ serverUrl }: TestStage): Promise<string[]> {
  return (await asOperator(serverUrl).get("/readyz").expect(200)).body.warnings;
}

test.each<[string, FaultKind]>([
  ["5xx", "status-503"],
  ["no answer", "reset"],
  ["too many requests", "status-429"],
])("when platforms answer with %s, the advice is to wait, and nothing else", async (_what, kind) => {
  const stage = await startInstalled();
  for (const { faults } of [stage.livechat, stage.chatio, stage.webex]) faults.inject({ kind });
  const { code, of, findings } = await examine(stage.settings);

  expect(code).toBe(0);
  const titles: Record<string, string> = {
    "LiveChat app": "LiveChat",
    [`organization ${ORGANIZATION}`]: "LiveChat",
    "LiveChat hooks": "LiveChat",
    "chat.io app": "chat.io",
    [`license ${LICENSE}`]: "chat.io",
    "Webex token": "Webex",
  };
  for (const [check, title] of Object.entries(titles)) {
    expect(of(check)).toMatchObject([{ state: "warning", todo: expect.stringMatching(/wait/) }]);
    expect(of(check)[0]?.todo).toMatch(new RegExp(`^(${title} is down: wait|wait until then)`));
  }
  expect(JSON.stringify(findings)).not.toMatch(/reinstall|\/install|developer/);
});

test("a webhook that was switched off and one that is missing each have the command that the pages name", async () => {
  const stage = await startInstalled();
  const settings = stage.settings;
  const [first, second] = stage.webex.webhooks();
  if (!first || !second) throw new Error("no webhooks");
  stage.webex.disableWebhook(first.id);
  await runCli("webhooks", ["delete", second.id], settings);

  const { of } = await examine(settings);
  expect(of("Webex hooks").map(({ todo }) => todo)).toEqual([
    "npm run webhooks -- add webex",
    "npm run webhooks -- heal",
  ]);
  // The server, which looks only every five minutes, has looked again.
  await vi.waitFor(async () => expect(await warningsOf(stage)).toHaveLength(2), 3000);
  const said = (await warningsOf(stage)).join();
  for (const { says, todo } of of("Webex hooks")) {
    expect(said).toContain(says.slice(1));
    expect(said).toContain(todo);
  }
  expect(
    of("Webex hooks")
      .map(({ says }) => says)
      .join(),
  ).not.toContain("npm run");
});

test("--fix says what it fixed, and the running server looks again at once", async () => {
  const stage = await startInstalled();
  const settings = stage.settings;
  const [hook] = stage.webex.webhooks();
  if (!hook) throw new Error("no webhooks");
  const moved = { ...settings, PUBLIC_URL: "https://old.example" };
  await examine(moved, "--fix");
  await vi.waitFor(async () => expect(await warningsOf(stage)).toHaveLength(3), 3000);

  const { of } = await examine(settings, "--fix");
  expect(of("Webex hooks").map(({ state, says }) => `${state} ${says}`)).toEqual([
    expect.stringMatching(/^fixed updated "globobot: .*": it pointed to https:\/\/old\.example\/wtwebhook$/),
    expect.stringMatching(/^fixed updated "globobot: .*": it pointed to https:\/\/old\.example\/wtwebhook$/),
    `ok point to ${settings.PUBLIC_URL}/wtwebhook`,
  ]);
  expect(of(`license ${LICENSE}`)).toMatchObject([
    {
      state: "fixed",
      says: "the bot agent's webhooks went to https://old.example/webhook; now they come here",
    },
    { state: "ok" },
  ]);
  await vi.waitFor(async () => expect(await warningsOf(stage)).toEqual([]), 3000);
  const again = await examine(settings, "--fix");
  expect(again.findings.filter(({ state }) => state === "fixed")).toEqual([]);
});

test("dead jobs are a warning", async () => {
  const path = join(temporaryFolder(), "test.db");
  const { inbox } = openTestStore(path);
  await inbox.accept([aJob()]);
  await inbox.settle(await claimOne(inbox), { state: "dead", error: "refused" }, {});

  const { of } = await examine({ DATABASE_URL: `file:${path}` });

  expect(of("database")).toMatchObject([{ state: "ok" }]);
  expect(of("jobs")).toEqual([
    { check: "jobs", state: "warning", says: "dead: 1", todo: "npm run inbox -- list --state dead" },
  ]);
});

test("jobs that wait too long are a warning, and so is a failing platform that jobs wait for", async () => {
  const path = join(temporaryFolder(), "test.db");
  const settings = { DATABASE_URL: `file:${path}` };
  const { inbox, holds } = openTestStore(path);
  await holds.hold("chatio:1521", "failing", 60_000);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 200_000 });
  await inbox.accept([aJob({ platform: "chatio", quota: "chatio:1520" }), aJob()]);
  vi.useRealTimers();
  await holds.hold("chatio:1520", "failing", 60_000);

  const { of } = await examine(settings);
  expect(of("jobs")).toEqual([
    {
      check: "jobs",
      state: "warning",
      says: "Jobs are waiting: 2, the oldest for 3.3 min",
      todo: "npm run inbox -- list --state waiting",
    },
    {
      check: "jobs",
      state: "warning",
      says: "calls for license 1520 of chat.io are failing",
      todo: "chat.io is down: wait and try again",
    },
  ]);
  await holds.hold("platform chatio", "failing", 60_000);
  expect((await examine(settings)).of("jobs")[1]?.says).toBe("chat.io is failing; jobs waiting: 1");
});
