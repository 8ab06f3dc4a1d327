import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { addressIn } from "../src/demo/server-process.ts";
import { startLoopback } from "./support/loopback.ts";
import { addressOf, startProcess } from "./support/process.ts";
import { startRefusal, startTestServer } from "./support/server.ts";
import { temporaryFolder } from "./support/store.ts";

describe("with settings that are wrong", () => {
  test("the process exits with 1 and one message that names them all, without a stack trace", async () => {
    const { ended } = startProcess({
      environment: { PORT: "five", LOG_LEVEL: "loud", CHATIO_CLIENT_SECRET: "secret-invented" },
    });
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^The settings need fixing:\n( {2}- .*\n){3}Settings come from .*\n$/);
    for (const name of ["PORT", "LOG_LEVEL", "CHATIO_CLIENT_ID"]) expect(stderr).toContain(`  - ${name} `);
    expect(stderr).not.toMatch(/\n\s+at |invented/);
  });

  test("in .env, too; and the environment wins over .env", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, ".env"), "LOG_LEVEL=loud\n");
    const { code, stderr } = await startProcess({ folder }).ended;
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LOG_LEVEL must be one of"),
    });
    const fixed = startProcess({ folder, environment: { LOG_LEVEL: "info" } });
    expect(await addressOf(fixed)).toContain("http://127.0.0.1:");
  });

  test("a database that is none: exits with 1 and a sentence", async () => {
    const environment = { DATABASE_URL: `file:${fileURLToPath(import.meta.url)}/y.db` };
    const { code, stderr } = await startProcess({ environment }).ended;
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("DATABASE_URL: ") });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  // What is for the operator ends the process as above.
  test.each([
    [
      "an accounts file that is missing",
      { ACCOUNTS_FILE: "nowhere.json", WT_API_TOKEN: "t" },
      /^[^\n]*nowhere\.json[^\n]*$/,
    ],
    ["a host that is not this machine", { HOST: "192.0.2.1" }, /^[^\n]*HOST 192\.0\.2\.1[^\n]*$/],
  ])("%s: the start fails with a sentence for the operator", async (_what, environment, sentence) => {
    expect(await startRefusal(environment)).toMatch(sentence);
  });
});

test("a port in use: the start fails and says to the operator what to do", async () => {
  const taken = await startLoopback((_req, res) => void res.end());
  const { port } = new URL(taken.url);
  expect(await startRefusal({ PORT: port })).toBe(
    `Port ${port} on 127.0.0.1 is in use by another program. Stop that program, or set another port in PORT.`,
  );
});

test("with PORT=0 the server is reached at the free port that it got", async () => {
  const app = { CHATIO_CLIENT_ID: "client-invented", CHATIO_CLIENT_SECRET: "secret-invented" };
  const { url, sink } = await startTestServer({ PORT: "0", ...app });
  const { port } = new URL(url);

  expect(sink.text()).toContain(`reached from outside at http://localhost:${port}.`);
  const consent = await fetch(`${url}/install`, { redirect: "manual" });
  const { searchParams } = new URL(consent.headers.get("location") ?? "");
  expect(searchParams.get("redirect_uri")).toBe(`http://localhost:${port}/token`);
});

test("a signal to stop, even twice, ends the process with 0; its private database can be used at once", async () => {
  const folder = temporaryFolder();
  const server = startProcess({ folder });
  const url = await addressOf(server);
  expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "data", "chatops.db")).mode & 0o777).toBe(0o600);
  // An idle connection that a proxy keeps open does not delay the exit.
  await (await fetch(`${url}/healthz`)).text();
  for (const signal of ["SIGINT", "SIGINT"] as const) server.child.kill(signal);
  expect(await server.ended).toMatchObject({ code: 0, stderr: "" });
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();

  await startTestServer({ DATABASE_URL: `file:${join(folder, "data", "chatops.db")}` });
});

test("the process stops when told to, even if nobody reads its log any more", async () => {
  const server = startProcess();
  await addressOf(server);

  server.child.stdout?.destroy();
  server.child.kill("SIGTERM");

  expect(await once(server.child, "exit")).toEqual([0, null]);
}, 8000);

test("npm start stops when npm is stopped, and says so", async () => {
  const environment = {
    ...process.env,
    PORT: "0",
    DATABASE_URL: `file:${temporaryFolder()}/test.db`,
  };
  const npm = spawn("npm", ["start", "--silent"], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  npm.stdout.on("data", (bytes) => {
    said += String(bytes);
  });
  await vi.waitFor(() => expect(said).toContain("Listening"), 10_000);
  const url = addressIn(said);
  await expect(fetch(`${url}/healthz`)).resolves.toMatchObject({ status: 200 });
  npm.kill("SIGTERM");
  await vi.waitFor(() => expect(said).toContain('"msg":"Stopped."'), 10_000);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test("npm start refuses arguments, and says where settings come from", async () => {
  const run = promisify(execFile);
  const program = ["--require", "./src/boot.cjs", "src/main.ts", "--port", "80"];
  await expect(run(process.execPath, program)).rejects.toMatchObject({
    code: 2,
    stderr: "npm start takes no arguments: settings come from the environment and from .env.\n",
  });
});
