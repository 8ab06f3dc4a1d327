import { join } from "node:path";
import { expect, test } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { runCli } from "../support/cli.ts";
import { startTestStage } from "../support/stage.ts";
import { temporaryFolder } from "../support/store.ts";

/** A running server with the bot installed, and the settings by which the command finds everything. */
async function startInstalled() {
  const database = { DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}` };
  const stage = await startTestStage(database);
  await stage.install();
  const { settings } = stage;
  return { stage, settings, run: (...args: string[]) => runCli("installs", args, settings) };
}

test("list shows the licenses and how they are, and no token", async () => {
  const { stage, settings, run } = await startInstalled();
  const { code, out } = await run("list");
  expect(code).toBe(0);
  expect(out.split("\n")[0]?.split(/\s+/)).toEqual(["LICENSE", "BOT", "EXPIRES", "WEBHOOKS", "STATE"]);
  expect(out.split("\n")[1]).toMatch(new RegExp(`^${LICENSE} .* ${stage.serverUrl}/webhook +ok$`));
  const elsewhere = await runCli("installs", ["list", "--json"], {
    ...settings,
    PUBLIC_URL: "https://new.example",
  });
  expect(JSON.parse(elsewhere.out)).toMatchObject([
    { license: "1520", state: "ok, but its webhooks go elsewhere" },
  ]);
});

test("remove takes the bot away, revokes the token, forgets the license, and may be repeated", async () => {
  const { stage, run } = await startInstalled();
  const { code, out } = await run("remove", String(LICENSE));
  expect({ code, out }).toEqual({
    code: 0,
    out: "bot agent  removed\ntoken      revoked\nlicense    forgotten: 1520\n",
  });
  expect(stage.chatio.botAgents(LICENSE)).toEqual([]);
  expect(stage.chatio.calls.slice(-2)).toMatchObject([
    { name: "remove_bot_agent", status: 200 },
    { name: "revoke", status: 200 },
  ]);
  expect(await run("remove", String(LICENSE))).toMatchObject({
    code: 0,
    out: "License 1520 is not installed: there is nothing to remove.\n",
  });
});

test("while chat.io does not answer nothing is forgotten, unless it is forced", async () => {
  const { stage, run } = await startInstalled();
  stage.chatio.faults.inject({ kind: "status-503" });
  const refused = await run("remove", String(LICENSE));
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(
    /^bot agent {2}not removed: chat\.io answered .*503.*\nNothing was forgotten\./,
  );
  expect((await run("list")).out).toContain(String(LICENSE));
  const forced = await run("remove", String(LICENSE), "--force");
  expect(forced.code).toBe(0);
  expect(forced.out).toContain("license    forgotten: 1520");
});

test("what chat.io refuses for good holds nothing up: a bot that is gone already", async () => {
  const { stage, run } = await startInstalled();
  const [bot] = stage.chatio.botAgents(LICENSE);
  stage.chatio.removeBotAgent(LICENSE, bot?.id ?? "");
  const { code, out } = await run("remove", String(LICENSE));
  expect(code).toBe(0);
  expect(out).toMatch(
    /^bot agent {2}not removed: chat\.io answered remove_bot_agent with 400, validation\.\ntoken {6}revoked\n/,
  );
});

test.each([[[]], [["remove"]], [["remove", "acme"]]])(
  "%j is wrong usage: the help, and exit code 2",
  async (args) => {
    const { code, err } = await runCli("installs", args, {});
    expect(code).toBe(2);
    expect(err).toContain("Usage: npm run installs -- ");
  },
);

test("without chat.io's settings a sentence says so", async () => {
  const { code, err } = await runCli("installs", ["list"], {});
  expect(code).toBe(1);
  expect(err).toMatch(/^chat\.io is not set up on this server: CHATIO_CLIENT_ID/);
});
