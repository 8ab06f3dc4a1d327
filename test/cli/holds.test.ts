import { expect, onTestFinished, test, vi } from "vitest";
import { prepareStage } from "../../src/demo/stage.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { runCli, runCliProcess } from "../support/cli.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { startTestStage } from "../support/stage.ts";

test("commands do not call a platform that has asked the server for a pause", async () => {
  const stage = await prepareStage();
  onTestFinished(stage.stop);
  const path = (stage.settings.DATABASE_URL ?? "").slice("file:".length);
  const store = openSqliteStore({ path, encryptionSecretsOf: () => ["demo-client-secret"] });
  await store.holds.hold("webex", "asked", 3_600_000);
  await store.close();

  const list = await runCli("webhooks", ["list"], stage.settings);
  const doctor = await runCli("doctor", [], stage.settings);

  expect(list.code).toBe(1);
  expect(list.err).toMatch(
    /^Webex has asked for a pause until (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC; no call was made\.$/m,
  );
  expect(doctor.out).toMatch(/warning +Webex token +could not be checked: Webex has asked for a pause/);
  expect(doctor.out).toContain("-> wait until then and try again");
  expect(stage.webex.calls).toEqual([]);
});

test("an operator ends a long pause, and the running server continues within seconds", async () => {
  const stage = await startTestStage({ ADMIN_PASSWORD: PASSWORD });
  stage.webex.faults.inject({
    kind: "status-429",
    endpoint: "GET /messages/:id",
    times: 1,
    retryAfter: "86400",
  });
  const room = stage.webex.addRoom({ title: "Accounts", members: ["ana@example.com"] });
  await stage.webex.says("ana@example.com", room.id, "@globobot acct100");
  const warnings = async () => (await asOperator(stage.serverUrl).get("/readyz")).body.warnings;
  await vi.waitFor(async () => expect(String(await warnings())).toContain("npm run inbox -- lift webex"));

  const lifted = await runCli("inbox", ["lift", "webex"], stage.settings);

  expect(lifted).toMatchObject({ code: 0, out: "webex is no longer paused.\n" });
  await vi.waitFor(() =>
    expect(stage.webex.transcript(room.id).at(-1)?.text).toBe("balance for acct100: 40.00 USD"),
  );
  // As in a shell: a process of its own.
  const again = await runCliProcess("inbox", ["lift", "webex"], stage.settings);
  expect(again).toMatchObject({ code: 1, err: "webex has no pause.\n" });
});
