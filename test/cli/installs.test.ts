import { join } from "node:path";
import { expect, test } from "vitest";
import { LICENSE, ORGANIZATION } from "../../src/demo/stage.ts";
import { runCli } from "../support/cli.ts";
import { anInstallation } from "../support/jobs.ts";
import { startTestStage } from "../support/stage.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** A running server with the bot installed, and the settings by which the command finds everything. */
async function startInstalled() {
  const path = join(temporaryFolder(), "test.db");
  const stage = await startTestStage({ DATABASE_URL: `file:${path}` });
  await stage.install();
  const { settings } = stage;
  return { stage, path, settings, run: (...args: string[]) => runCli("installs", args, settings) };
}

test("list shows the licenses and their state, but no token", async () => {
  const { stage, settings, run } = await startInstalled();
  const { code, out } = await run("list");
  expect(code).toBe(0);
  expect(out.split("\n")[0]?.split(/\s+/)).toEqual([
    "PLATFORM",
    "ACCOUNT",
    "BOT",
    "EXPIRES",
    "WEBHOOKS",
    "STATE",
  ]);
  expect(out.split("\n")[1]).toMatch(new RegExp(`^chatio +${LICENSE} .* ${stage.serverUrl}/webhook +ok$`));
  const elsewhere = await runCli("installs", ["list", "--json"], {
    ...settings,
    PUBLIC_URL: "https://new.example",
  });
  expect(JSON.parse(elsewhere.out)).toMatchObject([
    { platform: "chatio", account: "1520", state: "ok, but its webhooks go elsewhere" },
  ]);
});

test("list shows no expiry of tokens that are dead", async () => {
  const { path, run } = await startInstalled();
  const installations = openTestStore(path).installations.of("chatio");
  await installations.save(anInstallation({ account: "1521", needsReinstall: true, lookup: "another" }));
  const { out } = await run("list", "--json");
  const rows: { account: string; expires: string }[] = JSON.parse(out);
  expect(rows.map(({ account, expires }) => [account, expires])).toEqual([
    [String(LICENSE), expect.stringMatching(/^\d{4}-/)],
    ["1521", "-"],
  ]);
});

test("remove removes the bot, revokes the token, deletes the installation, and may be repeated", async () => {
  const { stage, run } = await startInstalled();
  const { code, out } = await run("remove", String(LICENSE));
  expect({ code, out }).toEqual({
    code: 0,
    out: "bot agent  removed\ntoken      revoked\naccount    deleted: 1520\n",
  });
  expect(stage.chatio.botAgents(LICENSE)).toEqual([]);
  expect(stage.chatio.calls.slice(-2)).toMatchObject([
    { name: "remove_bot_agent", status: 200 },
    { name: "revoke", status: 200 },
  ]);
  expect(await run("remove", String(LICENSE))).toMatchObject({
    code: 0,
    out: "1520 is not installed: there is nothing to remove.\n",
  });
});

test("while chat.io does not answer, the installation is kept unless --force is given", async () => {
  const { stage, run } = await startInstalled();
  stage.chatio.faults.inject({ kind: "status-503" });
  const refused = await run("remove", String(LICENSE));
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(
    /^bot agent {2}not removed: chat\.io answered .*503.*\nThe installation was kept\./,
  );
  expect((await run("list")).out).toContain(String(LICENSE));
  const forced = await run("remove", String(LICENSE), "--force");
  expect(forced.code).toBe(0);
  expect(forced.out).toContain("account    deleted: 1520");
});

test("a final refusal by chat.io stops nothing: the bot is already gone", async () => {
  const { stage, run } = await startInstalled();
  const [bot] = stage.chatio.botAgents(LICENSE);
  stage.chatio.removeBotAgent(LICENSE, bot?.id ?? "");
  const { code, out } = await run("remove", String(LICENSE));
  expect(code).toBe(0);
  expect(out).toMatch(
    /^bot agent {2}not removed: chat\.io answered remove_bot_agent with 400, validation\.\ntoken {6}revoked\n/,
  );
});

/** An installation on a platform that is not set up here, with the same account as the one on chat.io. */
async function installElsewhere(path: string) {
  const other = { ...anInstallation({ account: String(LICENSE) }), platform: "webex" as const };
  await openTestStore(path).installations.of("webex").save(other);
}

test("an account on several platforms is listed for each, and removed if its platform is named", async () => {
  const { stage, path, run } = await startInstalled();
  await installElsewhere(path);
  const { out } = await run("list");
  expect(out).toMatch(/^chatio +1520 .* ok$/m);
  expect(out).toMatch(/^webex +1520 .* its platform is not set up$/m);

  expect(await run("remove", "1520")).toMatchObject({
    code: 1,
    err: "1520 is installed on more than one platform. Use: remove chatio 1520 or remove webex 1520.\n",
  });
  expect(await run("remove", "webex", "1520")).toMatchObject({
    code: 1,
    err: "webex is not set up; its settings are needed to remove the bot.\n",
  });
  expect(await run("remove", "chatio", "1520")).toMatchObject({ code: 0 });
  expect(stage.chatio.botAgents(LICENSE)).toEqual([]);
  expect((await run("list")).out).not.toContain("chatio ");
  expect(await run("remove", "chatio", "1520")).toMatchObject({
    out: "chatio 1520 is not installed: there is nothing to remove.\n",
  });
});

test("organizations of LiveChat are listed, and removed in the same way", async () => {
  const { stage, run } = await startInstalled();
  await stage.installLivechat();
  const { out } = await run("list");
  expect(out).toMatch(new RegExp(`^livechat +${ORGANIZATION} .* ok$`, "m"));
  expect(out).not.toContain("access");
  stage.livechat.calls.length = 0;

  expect(await run("remove", ORGANIZATION)).toMatchObject({
    code: 0,
    out: `bot agent  removed\ntoken      revoked\naccount    deleted: ${ORGANIZATION}\n`,
  });

  expect(stage.livechat.botAgents(ORGANIZATION)).toEqual([]);
  expect(stage.livechat.calls.map(({ name }) => name)).toEqual(["delete_bot", "revoke"]);
  expect((await run("list")).out).toMatch(new RegExp(`^chatio +${LICENSE} `, "m"));
});

test("without any installation the links are named", async () => {
  const stage = await startTestStage({ DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}` });
  expect((await runCli("installs", ["list"], stage.settings)).out).toBe(
    `The Pizza BOT is not installed. Install it at ${stage.serverUrl}/livechat/install or ${stage.serverUrl}/install\n`,
  );
});

test("without any platform's settings a sentence for each says so", async () => {
  const { code, err } = await runCli("installs", ["list"], {});
  expect(code).toBe(1);
  expect(err).toMatch(
    /^LiveChat is not set up on this server: .*\nchat\.io is not set up on this server: CHATIO_CLIENT_ID/,
  );
});
