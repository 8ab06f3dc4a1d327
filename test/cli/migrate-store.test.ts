import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { openPostgresServerStore } from "../../src/store/postgres/index.ts";
import { runCli, runCliProcess } from "../support/cli.ts";
import { aJob, anInstallation } from "../support/jobs.ts";
import { createLogSink } from "../support/log.ts";
import {
  hasPostgres,
  makeDatabase,
  newPostgresUrl,
  openTestPostgres,
  withClient,
} from "../support/postgres.ts";
import { COMPILE_CACHE } from "../support/process.ts";
import { refusalOf, startServerOn } from "../support/server-on-database.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** A file with so many jobs and one installation, and a place for another. */
async function filled(count: number) {
  const folder = temporaryFolder();
  const [from, to] = [join(folder, "from.db"), join(folder, "to.db")];
  const store = openTestStore(from);
  await store.inbox.accept(Array.from({ length: count }, (_, n) => aJob({ key: `job-${n}` })));
  await store.installations.of("chatio").save(anInstallation());
  await store.close();
  return { from, to, args: ["--from", `file:${from}`, "--to", `file:${to}`] };
}

async function newPostgres(): Promise<{ url: string; place: string }> {
  const url = newPostgresUrl();
  await makeDatabase(url);
  const { host, pathname } = new URL(url);
  return { url, place: `postgres://${host}${pathname}` };
}

test("it says what was moved, that both hold the same, and what to do now; a second run does nothing", async () => {
  const { from, to, args } = await filled(3);
  const { code, out, err } = await runCli("migrate-store", args, {});
  const next = `Now set DATABASE_URL to file:${to} and start the server. Leave all other settings as they are: tokens stay encrypted with the same secret.
file:${from} stays as it was, and no server starts on it any more; --reopen undoes that.
`;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [, checksum] = /([0-9a-f]{64})/.exec(out) ?? [];
  expect(out).toBe(`From file:${from} to file:${to}.
3 of 3 jobs are there.
                   WAITING  DONE  DEAD  INSTALLATIONS  PAUSES  CHECKSUM
source             3        0     0     1              0       ${checksum}
target, read back  3        0     0     1              0       ${checksum}
Both hold the same.
${next}`);
  expect(await runCli("migrate-store", args, {})).toEqual({
    code: 0,
    out: `From file:${from} to file:${to}.\nEverything was moved by an earlier run, so there was nothing to do.\n${next}`,
    err: "",
  });
  expect(await openTestStore(to).desk.countByState()).toMatchObject({ waiting: 3 });
});

test.skipIf(!hasPostgres())(
  "a file moves to PostgreSQL and back as a process of its own, and no password is shown",
  async () => {
    const { from, to } = await filled(3);
    const { url, place } = await newPostgres();
    const password = new URL(url).password;
    const there = await runCliProcess("migrate-store", ["--from", `file:${from}`, "--to", url], {});
    expect(there).toMatchObject({ code: 0, err: "" });
    expect(there.out).toContain(`Now set DATABASE_URL to ${place}, with user and password, and start`);
    expect((await openTestStore(to).desk.countByState()).waiting).toBe(0);
    const back = await runCliProcess("migrate-store", ["--from", url, "--to", `file:${to}`], {});
    expect(back).toMatchObject({ code: 0, err: "" });
    expect((await openTestStore(to).installations.of("chatio").find("1520"))?.credentials).toEqual(
      anInstallation().credentials,
    );
    const refused = await runCli("inbox", ["list"], { DATABASE_URL: url });
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining(`everything in ${place} was moved`),
    });
    for (const { out, err } of [there, back, refused]) expect(out + err).not.toContain(password);
  },
);

test("a server that would start on the source says where everything is, and how to use it all the same", async () => {
  const { from, to, args } = await filled(1);
  expect(await runCli("migrate-store", args, {})).toMatchObject({ code: 0 });
  const reopen = ["--reopen", `file:${from}`];
  expect(await refusalOf(from)).toMatch(
    new RegExp(
      `^DATABASE_URL: everything in file:${from} was moved to file:${to} on \\S+ \\S+ UTC\\. Set DATABASE_URL to that database\\. To use this one again, as it was then, run: npm run migrate-store -- ${reopen.join(" ")}$`,
    ),
  );
  expect(await runCli("migrate-store", reopen, {})).toMatchObject({ code: 0, err: "" });
  expect(await runCli("inbox", ["list"], { DATABASE_URL: `file:${from}` })).toMatchObject({ code: 0 });
  expect(await runCli("migrate-store", reopen, {})).toEqual({
    code: 1,
    out: "",
    err: "--reopen: nothing was moved from this database, so there is nothing to reopen.\n",
  });
});

test.each(["from", "to"] as const)(
  "while a server runs on the file of --%s it says so, and exits 1",
  async (option) => {
    const { from, to, args } = await filled(1);
    const path = option === "from" ? from : to;
    const server = await startServerOn(path);
    expect(await runCli("migrate-store", args, {})).toEqual({
      code: 1,
      out: "",
      err: `--${option}: another server is running on ${path}. Stop that one, or name another file.\n`,
    });
    await server.stop();
    expect(await runCli("migrate-store", args, {})).toMatchObject({ code: 0 });
  },
);

test.skipIf(!hasPostgres())(
  "while servers run on the PostgreSQL of --to it names them, and exits 1",
  async () => {
    const { from } = await filled(1);
    const { url, place } = await newPostgres();
    const { log } = createLogSink();
    const server = await openPostgresServerStore({ url, log, encryptionSecretsOf: () => [] });
    const args = ["--from", `file:${from}`, "--to", url];
    expect(await runCli("migrate-store", args, {})).toEqual({
      code: 1,
      out: "",
      err: `--to: servers are running on ${place}: ${server.servers.own}. Stop them first. A server that was killed counts as running for 15 s.\n`,
    });
    await server.close();
    expect(await runCli("migrate-store", args, {})).toMatchObject({ code: 0 });
  },
);

test.skipIf(!hasPostgres())("while another move has the database, it says so", async () => {
  const { from } = await filled(1);
  const { url, place } = await newPostgres();
  await openTestPostgres(url);
  await withClient(url, async (client) => {
    await client.query("BEGIN; LOCK TABLE chatops.servers IN SHARE ROW EXCLUSIVE MODE");
    expect(await runCli("migrate-store", ["--from", `file:${from}`, "--to", url], {})).toMatchObject({
      code: 1,
      err: `--to: another program keeps tables of ${place} locked, perhaps another npm run migrate-store. Wait until it has ended, then run this command again.\n`,
    });
  });
});

test("while another program has a transaction open on the source, it says so", async () => {
  const { from, args } = await filled(1);
  const other = new DatabaseSync(from);
  onTestFinished(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  expect(await runCliProcess("migrate-store", args, {})).toEqual({
    code: 1,
    out: "",
    err: `--from: another program has kept the database ${from} locked for 5 s. End it (an open transaction in sqlite3, perhaps, or a backup tool), then start again.\n`,
  });
});

test("killed in the middle, it goes on: nothing is missing, nothing is there twice", async () => {
  const { from, to, args } = await filled(30_000);
  const program = ["--require", "./src/boot.cjs", "src/cli/migrate-store.ts", ...args];
  const child = spawn(process.execPath, program, { env: { ...COMPILE_CACHE }, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const there = () => {
    const db = new DatabaseSync(to, { readOnly: true });
    try {
      return Number(db.prepare("SELECT count(*) AS jobs FROM jobs").get()?.jobs);
    } finally {
      db.close();
    }
  };
  await vi.waitFor(() => expect(there()).toBeGreaterThan(1000), { interval: 5, timeout: 20_000 });
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  const before = there();
  expect(before).toBeLessThan(30_000);
  expect(await refusalOf(to)).toContain(`what is in file:${from} is being moved to file:${to}`);

  const { code, out } = await runCli("migrate-store", args, {});
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("of them were there already.") });
  const { desk } = openTestStore(to);
  expect(await desk.countByState()).toMatchObject({ waiting: 30_000 });
  const keys = (await desk.list({ state: null, limit: 50_000 })).map(({ key }) => key);
  expect(keys.toReversed()).toEqual(Array.from({ length: 30_000 }, (_, n) => `job-${n}`));
}, 60_000);

test("a target that holds other jobs is named with them, and nothing is changed", async () => {
  const { to, args } = await filled(2);
  const store = openTestStore(to);
  await store.inbox.accept([aJob({ key: "other\u001b[2J" })]);
  await store.close();
  expect(await runCli("migrate-store", args, {})).toMatchObject({
    code: 1,
    err: `--to: file:${to} holds something that is not the same in the source: job other\\u001b[2J. Nothing was changed. Name another database, or move ${to}, ${to}-wal and ${to}-shm to another folder; then run this command again.\n`,
  });
  expect(await openTestStore(to).desk.countByState()).toMatchObject({ waiting: 1 });
});

test("a source that does not exist is named, and neither file is made", async () => {
  const folder = temporaryFolder();
  const [from, to] = [join(folder, "from.db"), join(folder, "to.db")];
  expect(await runCli("migrate-store", ["--from", `file:${from}`, "--to", `file:${to}`], {})).toEqual({
    code: 1,
    out: "",
    err: `--from: there is no database at ${from}.\n`,
  });
  expect([from, to].map((path) => existsSync(path))).toEqual([false, false]);
});

test.each([
  [["--from", "file:a.db"], "error: give both --from and --to"],
  [["--to", "file:a.db"], "error: give both --from and --to"],
  [["--from", "file:a.db", "--to", "file:./a.db"], "error: --from and --to name the same database"],
  [["--from", "file:a.db", "--to", "file:b.db", "--reopen", "file:a.db"], "error: --reopen stands alone"],
  [["--from", "mysql://a", "--to", "file:b.db"], "It must be file: and a path"],
  [["--from", "file:a.db", "--to", "postgres://host"], "It must be file: and a path"],
])("called with %j it shows its help, and exits 2", async (args, complaint) => {
  const { code, out, err } = await runCli("migrate-store", args, {});
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(complaint);
  expect(err).toContain("Usage: npm run migrate-store -- --from <url> --to <url>");
});
