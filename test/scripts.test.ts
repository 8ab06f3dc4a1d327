import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { COMPILE_CACHE } from "./support/process.ts";
import { temporaryFolder } from "./support/store.ts";

/** They run other programs, whose help is their own. */
const NOT_OURS = ["test", "test-postgres", "coverage", "check"];
const ours = Object.entries(manifest.scripts).filter(([name]) => !NOT_OURS.includes(name));

/** Runs a script with `--help` in a folder of its own, which would hold whatever it writes, and with settings that cannot be read. */
function askForHelp(script: string) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, ".env"));
  const inProject = (word: string) => fileURLToPath(new URL(`../${word}`, import.meta.url));
  const words = script.replace(/^(exec )?node /, "").split(" ");
  const program = words.map((word) => (existsSync(inProject(word)) ? inProject(word) : word));
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, "--help"], {
    cwd: folder,
    env: { ...COMPILE_CACHE, PORT: "five" },
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout, stderr, written: readdirSync(folder).filter((name) => name !== ".env") };
}

describe("with --help a script prints its usage and does nothing else", () => {
  test.each(ours)("npm run %s", (name, script) => {
    const usage = expect.stringMatching(new RegExp(`^Usage: npm (run )?${name}\\b`));
    expect(askForHelp(script)).toEqual({ status: 0, stdout: usage, stderr: "", written: [] });
  });
});

test("a script that replaces its shell runs on Windows, too: its shell finds exec in the project's folder", () => {
  expect(ours.some(([, script]) => script.startsWith("exec "))).toBe(true);
  // Its arguments are the program and the program's arguments.
  expect(readFileSync(new URL("../exec.cmd", import.meta.url), "utf8")).toMatch(/\r\n@%\*\r\n$/);
});
