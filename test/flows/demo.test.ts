import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { play } from "../../src/demo/play.ts";
import { setStage } from "../../src/demo/stage.ts";

const run = promisify(execFile);

test("npm run demo -- --once shows what customer, agents and room see, and exits 0", async () => {
  const { stdout, stderr } = await run("npm", ["run", "--silent", "demo", "--", "--once"]);
  for (const platform of ["LiveChat", "chat.io"]) {
    const [, scene = ""] = stdout.split(`A customer asks for pizza on ${platform}`);
    expect(scene).toMatch(/^\n +everyone +customer: Hey! where is my pizza\?/);
    expect(scene).toMatch(/^ +agents only +Pizza BOT: Pizza is on the way!/m);
  }
  expect(stdout).toContain("globobot     balance for acct100: 40.00 USD");
  expect(stdout).toContain("globobot     balance for acct300?: unknown account");
  expect(stdout).toContain("All of this really happened");
  expect(stderr).not.toContain("failed");
});

test("the demo says what is wrong with its arguments and exits 2", async () => {
  const failed = run("npm", ["run", "--silent", "demo", "--", "--twice"]);
  await expect(failed).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Usage: npm run demo"),
  });
});

test("the demo fails when a scene does not happen", async () => {
  const stage = await setStage();
  onTestFinished(stage.stop);
  stage.chatio.faults.inject({ kind: "status-503", endpoint: "create_bot_agent" });
  await expect(play(stage, () => {})).rejects.toThrow("the installation ended with status 502");
});
