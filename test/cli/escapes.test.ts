import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startWebexSandbox } from "../../src/sandbox/webex/index.ts";
import { claimOne } from "../store/in-hand.ts";
import { runCli, runCliProcess } from "../support/cli.ts";
import { aJob, anInstallation } from "../support/jobs.ts";
import { CHATIO_SETTINGS } from "../support/settings.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** Clears the screen, in 7 and in 8 bits; reverses the direction of text; forges a line. */
const EVIL = "\u001b[2J\u009b2J\u202e\r\nforged";
const SHOWN = "\\u001b[2J\\u009b2J\\u202e\\u000d\\u000aforged";

/** Anything except line ends that steers a terminal. */
const STEERING = /[^\P{Cc}\n]|\p{Bidi_Control}/u;

function openDatabase() {
  const path = join(temporaryFolder(), "test.db");
  return { store: openTestStore(path), settings: { DATABASE_URL: `file:${path}` } };
}

test("inbox shows control characters in keys, outcomes and errors as escapes", async () => {
  const { store, settings } = openDatabase();
  const key = `webex:${EVIL}`;
  const error = `It failed: ${EVIL}`;
  await store.inbox.accept([aJob({ key })]);
  await store.inbox.settle(await claimOne(store.inbox), { state: "dead", error }, { step: EVIL });

  const list = await runCli("inbox", ["list"], settings);
  expect(list.out.trimEnd().split("\n")).toHaveLength(2);
  expect(list.out).toContain(`webex:${SHOWN}  dead `);
  expect(list.out).toContain(`It failed: ${SHOWN}\n`);
  const show = await runCli("inbox", ["show", key], settings);
  expect(show.out).toContain(`key           webex:${SHOWN}\n`);
  expect(show.out).toContain(`last error    It failed: ${SHOWN}\n`);
  const retried = await runCli("inbox", ["retry", key], settings);
  expect(retried.out).toMatch(/ put back\.\nSee /);
  expect(retried.out).toContain(`webex:${SHOWN} put back.\n`);
  const refused = await runCli("inbox", ["retry", key], settings);
  expect(refused.err).toBe(`webex:${SHOWN} is not dead, or does not exist.\n`);
  const json = await runCliProcess("inbox", ["list", "--json"], settings);
  expect(JSON.parse(json.out)).toMatchObject([{ key }]);
  for (const { out, err } of [list, show, retried, refused, json]) expect(out + err).not.toMatch(STEERING);
});

test("installs shows control characters in names from chat.io as escapes", async () => {
  const { store, settings } = openDatabase();
  await store.installations.of("chatio").save(anInstallation({ botId: EVIL }));

  const list = await runCli("installs", ["list"], { ...CHATIO_SETTINGS, ...settings });
  expect(list.out.trimEnd().split("\n")).toHaveLength(2);
  expect(list.out).toContain(`1520     ${SHOWN}  `);
  const json = await runCliProcess("installs", ["list", "--json"], { ...CHATIO_SETTINGS, ...settings });
  expect(JSON.parse(json.out)).toMatchObject([{ bot: EVIL }]);
  expect(list.out + json.out).not.toMatch(STEERING);
});

test("webhooks shows control characters in names of webhooks as escapes", async () => {
  const webex = await startWebexSandbox({ botToken: "bot-token-invented" });
  onTestFinished(webex.stop);
  const settings = {
    WT_API_TOKEN: "bot-token-invented",
    WT_API_URL: webex.apiUrl,
    PUBLIC_URL: "https://bots.example",
  };
  const theirs = {
    name: EVIL,
    targetUrl: "https://other.example/hook",
    resource: "rooms",
    event: "created",
  } as const;
  webex.addWebhook(theirs);

  const list = await runCli("webhooks", ["list"], settings);
  expect(list.out.trimEnd().split("\n")).toHaveLength(2);
  expect(list.out).toContain(`  ${SHOWN}  https://other.example/hook`);
  const json = await runCliProcess("webhooks", ["list", "--json"], settings);
  expect(JSON.parse(json.out)).toMatchObject([{ name: EVIL }]);

  const ours = {
    resource: "messages",
    event: "created",
    targetUrl: "https://bots.example/wtwebhook",
  } as const;
  const old = webex.addWebhook({ ...ours, name: EVIL, filter: "roomType=direct" });
  webex.disableWebhook(old.id);
  const heal = await runCli("webhooks", ["heal"], settings);
  expect(heal.out).toContain(`switched on  ${SHOWN}\nWhat was written`);
  const add = await runCli("webhooks", ["add"], settings);
  expect(add.out).toContain(`  ${SHOWN} (roomType=direct): `);
  for (const { out, err } of [list, json, heal, add]) expect(out + err).not.toMatch(STEERING);
});
