import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
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

/** The demo as npm runs it, in a process group of its own, with the addresses of its page and its server. */
async function startByNpm() {
  const npm = spawn("npm", ["run", "--silent", "demo"], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { pid } = npm;
  if (pid === undefined) throw new Error("npm was not found");
  const ended = once(npm, "exit");
  onTestFinished(() => killGroup(pid));
  let said = "";
  npm.stdout.on("data", (bytes) => {
    said += String(bytes);
  });
  const urls = () => said.match(/http:\S+/g) ?? [];
  await vi.waitFor(() => expect(urls()).toHaveLength(2), 20_000);
  return { npm, ended, urls: urls(), isOver: () => npm.stdout.closed };
}

/** Whatever a failed test has left. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // All have ended.
  }
}

describe.skipIf(process.platform === "win32")("the demo and its server end when npm alone", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const)("gets %s", async (signal) => {
    const { npm, ended, urls, isOver } = await startByNpm();
    for (const url of urls) expect((await fetch(url)).status).toBe(200);

    npm.kill(signal);

    await ended;
    // The demo holds the other end of the pipe.
    await vi.waitFor(() => expect(isOver()).toBe(true), 10_000);
    for (const url of urls) await expect(fetch(url)).rejects.toThrow();
  });
});
