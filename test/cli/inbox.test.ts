import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { claimOne } from "../store/in-hand.ts";
import { runCli } from "../support/cli.ts";
import { aJob } from "../support/jobs.ts";
import { pizzaLines, startTestStage } from "../support/stage.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** A running server whose one job is dead, because chat.io refused the message for good. */
async function startWithDeadJob() {
  const settings = { DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}` };
  const stage = await startTestStage(settings);
  await stage.install();
  const [bot] = stage.chatio.botAgents(LICENSE);
  const { chatId, eventId } = await stage.chatio.startChat(LICENSE, "hello").then(async ({ chatId }) => {
    stage.chatio.faults.inject({ kind: "status-503", endpoint: "join_chat", times: 1 });
    const written = await stage.chatio.customerWrites(chatId, "pizza");
    stage.chatio.revokeAll(LICENSE);
    return { chatId, ...written };
  });
  await vi.waitFor(() => expect(stage.sink.text()).toContain("Job dead"), 5000);
  return { stage, settings, bot, chatId, key: `chatio:${LICENSE}:${chatId}:${eventId}` };
}

test("list shows what is dead and why, show everything about it, while the server runs", async () => {
  const { settings, key } = await startWithDeadJob();
  const { code, out } = await runCli("inbox", ["list", "--state", "dead"], settings);
  const [headings, row] = out.split("\n");
  expect(code).toBe(0);
  expect(headings?.split(/\s+/)).toEqual(["KEY", "STATE", "ATTEMPTS", "ACCEPTED", "NEXT", "WHAT"]);
  expect(row).toMatch(
    new RegExp(
      `^${key} +dead +\\d +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ +License 1520 needs a reinstall`,
    ),
  );
  expect(headings?.indexOf("WHAT")).toBe(row?.indexOf("License"));

  const shown = await runCli("inbox", ["show", key], settings);
  expect(shown.out).toContain("last error    License 1520 needs a reinstall");
  const json = await runCli("inbox", ["list", "--json"], settings);
  expect(JSON.parse(json.out)).toMatchObject([{ key, state: "dead" }]);
  expect((await runCli("inbox", ["list", "--state", "waiting"], settings)).out).toBe("No jobs.\n");
});

test("retry puts a dead job back, and the running server does it within about a second", async () => {
  const { stage, settings, chatId, key } = await startWithDeadJob();
  await stage.install();
  const { code, out } = await runCli("inbox", ["retry", key], settings);
  expect({ code, out }).toEqual({
    code: 0,
    out: `${key} put back.\nSee in some seconds what came of it: npm run inbox -- show <key>\n`,
  });
  await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(1), 2000);
  await vi.waitFor(() => expect(stage.sink.text()).toContain("replied to the agents"));

  const again = await runCli("inbox", ["retry", key], settings);
  expect(again).toEqual({ code: 1, out: "", err: `${key} is not dead, or does not exist.\n` });
});

test("a job that was put back and done shows when it was written, when it was put back, and no last error", async () => {
  const { store, settings } = openInbox();
  await store.inbox.accept([aJob({ key: "webex:M1" })]);
  await store.inbox.settle(await claimOne(store.inbox), { state: "dead", error: "refused" }, {});
  await runCli("inbox", ["retry", "webex:M1"], settings);
  await store.inbox.settle(await claimOne(store.inbox), { state: "done", outcome: "replied" }, {});
  const { out } = await runCli("inbox", ["show", "webex:M1"], settings);
  expect(out).toMatch(/^put back {6}\d{4}-/m);
  expect(out).toMatch(/^attempts {6}2$/m);
  expect(out).toMatch(/^last error {4}-$/m);
});

test("--help explains the commands", async () => {
  const { out } = await runCli("inbox", ["--help"], {});
  expect(out).toMatch(/list.*show.*retry.*drop/s);
});

test("without a database, or with wrong settings, a sentence says so, without a stack trace", async () => {
  const path = join(temporaryFolder(), "none.db");
  const missing = await runCli("inbox", ["list"], { DATABASE_URL: `file:${path}` });
  expect(missing).toMatchObject({ code: 1, out: "" });
  expect(missing.err).toBe(
    `There is no database at ${path} yet. Start the server once, or set DATABASE_URL to its path.\n`,
  );
  const wrong = await runCli("inbox", ["list"], { DATABASE_URL: "mysql:somewhere" });
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain("DATABASE_URL must be file:");
  expect(wrong.err).not.toContain("    at ");
});

/** A database without a server, and the settings of a platform that is set up. */
function openInbox() {
  const path = join(temporaryFolder(), "test.db");
  const settings = { DATABASE_URL: `file:${path}`, WT_API_TOKEN: "token-invented" };
  return { store: openTestStore(path), settings };
}

test("retry --all-dead puts all dead jobs back; drop deletes a job unless it is being worked on", async () => {
  const { store, settings } = openInbox();
  await store.inbox.accept([aJob({ key: "webex:M1" })]);
  await store.inbox.settle(await claimOne(store.inbox), { state: "dead", error: "refused" }, {});
  const run = (...args: string[]) => runCli("inbox", args, settings);

  expect((await run("retry", "--all-dead")).out).toBe(
    "1 put back. See in some seconds what came of it: npm run inbox -- list\n",
  );
  await claimOne(store.inbox, { owner: "worker-1" });
  const err = "webex:M1 is being worked on, or does not exist.\n";
  expect(await run("drop", "webex:M1")).toEqual({ code: 1, out: "", err });
  await store.inbox.releaseAll("worker-1");
  expect(await run("drop", "webex:M1")).toMatchObject({ code: 0, out: "webex:M1 dropped.\n" });
  expect(await run("show", "webex:M1")).toMatchObject({ code: 1, err: "There is no job webex:M1.\n" });
});

test("list and show say what each waiting job waits for", async () => {
  const { store, settings } = openInbox();
  await store.inbox.accept([
    aJob({ key: "webex:first", lane: "room-1", quota: "webex" }),
    aJob({ key: "webex:second", lane: "room-1", quota: "webex" }),
    aJob({ key: "chatio:other", platform: "chatio", quota: "chatio:1520" }),
  ]);

  await store.holds.hold("webex", "failing", 60_000);
  const failing = await runCli("inbox", ["list"], settings);
  expect(failing.out).toMatch(/webex:first .* Webex is failing, next probe in (60|59) s/);
  expect(failing.out).toMatch(/webex:second .* waits for the job before it in its chat/);
  expect(failing.out).toMatch(/chatio:other .* its platform is not set up/);

  await store.holds.hold("webex", "asked", 60_000);
  const held = await runCli("inbox", ["show", "webex:first"], settings);
  expect(held.out).toMatch(/^waits for {5}held by Webex until (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC$/m);
  const json = await runCli("inbox", ["show", "webex:second", "--json"], settings);
  expect(JSON.parse(json.out)).toMatchObject({ waitsFor: "waits for the job before it in its chat" });
});

test("show lists every recorded attempt: when, how long, what failed how, and its calls", async () => {
  const { store, settings } = openInbox();
  await store.inbox.accept([aJob({ key: "webex:M1" })]);
  const error = "Webex answered POST /messages with 503.";
  const failed = { name: "POST /messages", ms: 1105, status: 503 };
  const unanswered = { name: "GET /messages/{id}", ms: 80, status: null };
  const calls = { last: [unanswered, failed], before: 2 };
  const later = { state: "waiting", error, afterMs: 0 } as const;
  await store.inbox.settle(await claimOne(store.inbox), later, {}, 1240, calls);
  await store.inbox.settle(await claimOne(store.inbox), { state: "done", outcome: "replied" }, {}, 45);

  const { out } = await runCli("inbox", ["show", "webex:M1"], settings);
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`;
  expect(out).toMatch(
    new RegExp(
      `^attempt {7}${time}  1\\.2 s   waiting  Webex answered POST /messages with 503\\.\n  calls {7}2 more, not kept\n  call {30}80 ms   no answer GET /messages/{id}\n  call {30}1\\.1 s   503       POST /messages\nattempt {7}${time}  45 ms   done     replied$`,
      "m",
    ),
  );
});
