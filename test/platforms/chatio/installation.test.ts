import { expect, test } from "vitest";
import { createChatio } from "../../../src/platforms/chatio/index.ts";
import { LICENSES } from "../../../src/platforms/chatio/installation.ts";
import { isElsewhere } from "../../../src/platforms/keyword-bot/installation.ts";
import { warningsAbout } from "../../../src/platforms/keyword-bot/overview.ts";
import { chatioOptions } from "../../support/chatio.ts";
import { OLD } from "../../support/chatio-tokens.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";

const HERE = "https://bots.example/webhook";
const working = anInstallation({ webhookUrl: HERE });
const refused = anInstallation({ needsReinstall: true, webhookUrl: HERE });
const unreadable = { ...anInstallation({ webhookUrl: HERE }), credentials: null };
const elsewhere = anInstallation({ webhookUrl: "https://earlier.example/webhook" });

test("the problem of an installation, if any, says what to do", () => {
  const sentence =
    "License 1520 needs a reinstall: chat.io no longer renews its tokens. Open /install to do so.";
  expect(LICENSES.problemOf(working)).toBeNull();
  expect(LICENSES.problemOf(refused)).toBe(sentence);
  expect(LICENSES.problemOf({ ...refused, credentials: null })).toBe(sentence);
  expect(LICENSES.problemOf(unreadable)).toMatch(
    /^The tokens of license 1520 were encrypted with another CHATIO_CLIENT_SECRET/,
  );
});

test("a bot agent that was told another address is elsewhere; one with an unknown address is not", () => {
  expect(isElsewhere(elsewhere, HERE)).toBe(true);
  expect(isElsewhere(working, HERE)).toBe(false);
  expect(isElsewhere(anInstallation({ webhookUrl: "" }), HERE)).toBe(false);
});

const INSTALL = "https://bots.example/install";

test("warnings count the problems, say what to do and name no license", () => {
  expect(warningsAbout({ broken: 0, elsewhere: 0 }, INSTALL)).toEqual([]);
  expect(warningsAbout({ broken: 2, elsewhere: 1 }, INSTALL)).toEqual([
    `Installations that only a reinstall brings back to work: 2. Open ${INSTALL}`,
    "Bots that send their webhooks to an earlier address: 1. Fix it with: npm run doctor -- --fix",
  ]);
});

test("at the start the log names the licenses that cannot work or send their webhooks elsewhere, and the platform warns", async () => {
  const path = `${temporaryFolder()}/test.db`;
  const earlier = openTestStore(path, "client-secret-earlier");
  await earlier.installations.of("chatio").save(working);
  await earlier.close();
  const installations = openTestStore(path, "client-secret-changed").installations.of("chatio");
  for (const { account, ...trouble } of [
    { account: "1521", needsReinstall: true },
    { account: "1522", webhookUrl: elsewhere.webhookUrl },
  ]) {
    const credentials = { ...OLD, webhookSecret: account };
    await installations.save(anInstallation({ account, credentials, ...trouble }));
  }
  const { log, messages } = createLogSink();
  const platform = createChatio({ ...chatioOptions, reactionMaxAgeMs: 1, installations, log });

  await platform.start();
  await platform.stop();

  expect(messages()).toEqual([
    "The Pizza BOT is installed on 3 licenses.",
    expect.stringMatching(/^The tokens of license 1520 were encrypted with another CHATIO_CLIENT_SECRET/),
    expect.stringMatching(/^License 1521 needs a reinstall/),
    "The bot of license 1522 sends its webhooks to https://earlier.example/webhook, not to https://bots.example/webhook. Fix it with: npm run doctor -- --fix",
  ]);
  expect(platform.warnings()).toHaveLength(2);
  expect(platform.problem()).toBeNull();
});
