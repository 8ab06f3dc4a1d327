import { expect, onTestFinished, test } from "vitest";
import { prepareStage } from "../../src/sandbox/stage.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { runCli } from "../support/cli.ts";

test("commands make no call to a platform that has asked the server for a pause", async () => {
  const stage = await prepareStage();
  onTestFinished(stage.stop);
  const path = (stage.settings.DATABASE_URL ?? "").slice("file:".length);
  const store = openSqliteStore({ path, encryptionSecret: "demo-client-secret" });
  await store.holds.hold("webex", "asked", 3_600_000);
  await store.close();

  const list = await runCli("webhooks", ["list"], stage.settings);
  const doctor = await runCli("doctor", [], stage.settings);

  expect(list.code).toBe(1);
  expect(list.err).toMatch(/^Webex has asked for a pause until \d\d:\d\d:\d\d UTC; no call was made\.$/m);
  expect(doctor.out).toMatch(/warning +Webex token +could not be checked: Webex has asked for a pause/);
  expect(doctor.out).toContain("-> wait until then, and try again");
  expect(stage.webex.calls).toEqual([]);
});
