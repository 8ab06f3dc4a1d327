import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { aClaim, claimOne } from "../store/in-hand.ts";
import { runCli } from "../support/cli.ts";
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
  expect({ code, out }).toEqual({ code: 0, out: `${key} put back.\n` });
  await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(1), 2000);
  await vi.waitFor(() => expect(stage.sink.text()).toContain("replied to the agents"));

  const again = await runCli("inbox", ["retry", key], settings);
  expect(again).toEqual({ code: 1, out: "", err: `${key} is not dead, or does not exist.\n` });
});

test("retry --all-dead puts all dead jobs back; drop deletes a job", async () => {
  const { settings, key } = await startWithDeadJob();
  expect((await runCli("inbox", ["retry", "--all-dead"], settings)).out).toBe("1 put back.\n");
  await vi.waitFor(async () => {
    expect((await runCli("inbox", ["list", "--state", "dead"], settings)).out).toContain(key);
  }, 5000);
  expect(await runCli("inbox", ["drop", key], settings)).toMatchObject({ code: 0, out: `${key} dropped.\n` });
  expect(await runCli("inbox", ["show", key], settings)).toMatchObject({
    code: 1,
    err: `There is no job ${key}.\n`,
  });
});

test("a job that is being worked on is not dropped", async () => {
  const path = join(temporaryFolder(), "test.db");
  const store = openTestStore(path);
  await store.inbox.accept([
    { platform: "webex", key: "webex:M1", lane: "webex:R1", quota: "webex", payload: {} },
  ]);
  await store.inbox.claim(aClaim({ owner: "worker-1", limit: 1, leaseMs: 60_000 }));
  const { code, err } = await runCli("inbox", ["drop", "webex:M1"], { DATABASE_URL: `file:${path}` });
  expect({ code, err }).toEqual({ code: 1, err: "webex:M1 is being worked on, or does not exist.\n" });
});

test.each([
  ["no subcommand", []],
  ["an unknown one", ["lst"]],
  ["an unknown state", ["list", "--state", "lost"]],
  ["a missing key", ["show"]],
  ["neither keys nor --all-dead", ["retry"]],
  ["both keys and --all-dead", ["retry", "--all-dead", "some-key"]],
])("%s is wrong usage: the help, and exit code 2", async (_what, args) => {
  const { code, out, err } = await runCli("inbox", args, {});
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).toContain("Usage: npm run inbox -- ");
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

test("--help explains the commands and exits 0", async () => {
  const { code, out } = await runCli("inbox", ["--help"], {});
  expect(code).toBe(0);
  expect(out).toMatch(/list.*show.*retry.*drop/s);
});

/** A database without a server, and the settings of a platform that is set up. */
function openInbox() {
  const path = join(temporaryFolder(), "test.db");
  const settings = { DATABASE_URL: `file:${path}`, WT_API_TOKEN: "token-invented" };
  return { store: openTestStore(path), settings };
}

test("list and show say what each waiting job waits for", async () => {
  const { store, settings } = openInbox();
  const of = (key: string, lane: string, platform: "webex" | "chatio" = "webex") =>
    ({ key, lane, platform, quota: platform === "webex" ? "webex" : "chatio:1520", payload: {} }) as const;
  await store.inbox.accept([of("webex:first", "room-1"), of("webex:second", "room-1")]);
  await store.inbox.accept([of("chatio:other", "chat-1", "chatio")]);

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

test("show lists every recorded attempt: when, how long, and what failed how", async () => {
  const { store, settings } = openInbox();
  await store.inbox.accept([
    { platform: "webex", key: "webex:M1", lane: "webex:R1", quota: "webex", payload: {} },
  ]);
  const error = "Webex answered POST /messages with 503.";
  await store.inbox.settle(await claimOne(store.inbox), { state: "waiting", error, afterMs: 0 }, {}, 1240);
  await store.inbox.settle(await claimOne(store.inbox), { state: "done", outcome: "replied" }, {}, 45);

  const { out } = await runCli("inbox", ["show", "webex:M1"], settings);
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`;
  expect(out).toMatch(
    new RegExp(
      `^attempt {7}${time}  1\\.2 s   waiting  Webex answered POST /messages with 503\\.\nattempt {7}${time}  45 ms   done     replied$`,
      "m",
    ),
  );
});
