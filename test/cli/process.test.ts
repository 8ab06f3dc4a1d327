import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { type CommandName, runCli, runCliProcess } from "../support/cli.ts";
import { startTestStage } from "../support/stage.ts";
import { temporaryFolder } from "../support/store.ts";

test("every command works as a process of its own beside a running server", async () => {
  const own = { DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}` };
  const stage = await startTestStage(own);
  await stage.install();
  await stage.chatio.startChat(LICENSE, "pizza");
  await vi.waitFor(() => expect(stage.sink.text()).toContain("replied to the agents"), 5000);
  const run = (name: CommandName, ...args: string[]) => runCliProcess(name, args, stage.settings);

  const inbox = await run("inbox", "list");
  expect(inbox.out).toMatch(
    /^KEY +STATE +ATTEMPTS +ACCEPTED +NEXT +WHAT\nchatio:1520:.* +done +1 .* replied to the agents\n$/,
  );
  const webhooks = await run("webhooks", "add");
  expect(webhooks.out).toMatch(/globobot: mentions in groups.*\n.*globobot: 1:1 rooms/);
  const doctor = await run("doctor");
  expect(doctor.out).toContain("ok       Webex token    belongs to the bot globobot (globobot@webex.bot)\n");
  expect(doctor.out).toContain(
    "ok       license 1520   the token works, and the bot agent's webhooks come here\n",
  );
  const installs = await run("installs", "remove", String(LICENSE));
  expect(installs.out).toBe("bot agent  removed\ntoken      revoked\naccount    deleted: 1520\n");
  for (const { code, err } of [inbox, webhooks, doctor, installs])
    expect({ code, err }).toEqual({ code: 0, err: "" });
});

test("a command called wrongly shows its help and exits 2", async () => {
  const { code, out, err } = await runCliProcess("inbox", ["nonsense"], {});
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("Usage: npm run inbox -- ");
});

test.each<[CommandName, string[][]]>([
  ["backup", [[]]],
  ["doctor", [["--heal"], ["nonsense"]]],
  [
    "inbox",
    [[], ["lst"], ["list", "--state", "lost"], ["show"], ["retry"], ["retry", "--all-dead", "some-key"]],
  ],
  ["installs", [[], ["remove"], ["remove", "1520 or 1521"], ["remove", "chatio", "1520", "1521"]]],
  ["migrate-store", [[], ["file:a.db", "file:b.db"], ["--from", "file:a.db"]]],
  ["webhooks", [[], ["ad"], ["delete"]]],
])(
  "npm run %s called wrongly, as with %j, shows its help and exits 2; with --help it exits 0",
  async (name, calls) => {
    const usage = expect.stringContaining(`Usage: npm run ${name} -- `);
    for (const args of calls) expect(await runCli(name, args, {})).toEqual({ code: 2, out: "", err: usage });
    expect(await runCli(name, ["--help"], {})).toEqual({ code: 0, out: usage, err: "" });
  },
);

test("a problem that the doctor finds is exit code 1, a sentence and no stack", async () => {
  const { code, out, err } = await runCliProcess("doctor", [], { PORT: "abc" });
  expect({ code, err }).toEqual({ code: 1, err: "" });
  expect(out).toContain('PORT must be a whole number, but is "abc"');
  expect(out).not.toContain("    at ");
});

test.each(["inbox", "reactions"])(
  "an .env that npm run %s cannot read is a sentence and no stack",
  (name) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".env"));
    const program = fileURLToPath(new URL(`../../src/cli/${name}.ts`, import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [program, "list"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^\.env exists but cannot be read: EISDIR[^\n]*\n$/);
  },
);
