import { type Command, InvalidArgumentError } from "commander";
import { type Database, databaseUrl } from "../config/setting-kinds.ts";
import { ConfigError } from "../errors.ts";
import { type MoveReport, move } from "../store/move.ts";
import type { MoveSource, MoveTarget, Sums } from "../store/transfer.ts";
import { openMoveSource, openMoveTarget, reopenMoved } from "../stores.ts";
import { CommandError, createCommand, runAsProcess, type Terminal, table } from "./command.ts";

/** Progress is printed every so many jobs. */
const REPORTED_JOBS = 50_000;

const URLS = "file:<path> or postgres://<user>@<host>:<port>/<database>";

type Options = { from?: Database; to?: Database; reopen?: Database };

export function createMigrateStoreCommand(terminal: Terminal): Command {
  const { out: print } = terminal;
  const description = [
    "Moves all jobs, installations and pauses to another database. No server may be running on either.",
    "If it is interrupted, run it again: it goes on where it stopped.",
    `A URL is ${URLS}; the password may be in PGPASSWORD.`,
  ].join(" ");
  return createCommand("migrate-store", description, terminal)
    .usage("--from <url> --to <url>")
    .option(
      "--from <url>",
      "the database in use so far; it stays as it is, and no server starts on it",
      given,
    )
    .option("--to <url>", "an empty database, or the target of an interrupted move", given)
    .option("--reopen <url>", "lets servers use a database again from which everything was moved", given)
    .action(async ({ from, to, reopen }: Options, self: Command) => {
      if (reopen !== undefined) {
        if (from !== undefined || to !== undefined) self.error("error: --reopen stands alone");
        print(await reopened(reopen));
      } else if (from === undefined || to === undefined) self.error("error: give both --from and --to");
      else if (isSame(from, to)) self.error("error: --from and --to name the same database");
      else await migrate(from, to, print);
    });
}

function given(text: string): Database {
  const { data, error } = databaseUrl.safeParse(text);
  if (data === undefined) throw new InvalidArgumentError(`It ${error?.issues[0]?.message}.`);
  return data;
}

function isSame(a: Database, b: Database): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function reopened(database: Database): Promise<string> {
  if (await naming("--reopen", () => reopenMoved(database)))
    return "Servers can use it again, as it was when everything was moved. Do not run servers on both: what waited then would be done twice.";
  throw new CommandError("--reopen: nothing was moved from this database, so there is nothing to reopen.");
}

async function migrate(from: Database, to: Database, print: Terminal["out"]): Promise<void> {
  const source = await naming("--from", () => openMoveSource(from));
  try {
    const target = await naming("--to", () => openMoveTarget(to));
    try {
      print(`From ${source.place} to ${target.place}.`);
      const report = await move(source, target, { now: Date.now(), onJobs: progress(print) });
      for (const line of linesOf(report, source, target)) print(line);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Errors of a store speak of DATABASE_URL, which this command does not read. */
async function naming<T>(option: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(error.message.replace(/^DATABASE_URL: /, `${option}: `), { cause: error });
  }
}

/** Also prints the last number, so that one sees it end. */
function progress(print: Terminal["out"]): (moved: number, all: number) => void {
  let reported = 0;
  return (moved, all) => {
    if (moved < reported + REPORTED_JOBS && moved < all) return;
    reported = moved;
    print(`${whole(moved)} of ${whole(all)} jobs are there.`);
  };
}

function linesOf(report: MoveReport, source: MoveSource, target: MoveTarget): string[] {
  const next = [
    `Now set DATABASE_URL to ${target.place}${withUser(target)} and start the server. Leave all other settings as they are: tokens stay encrypted with the same secret.`,
    `${source.place} stays as it was, and no server starts on it any more; --reopen undoes that.`,
  ];
  if (report.wasDone) return ["Everything was moved by an earlier run, so there was nothing to do.", ...next];
  const { sums, wereThere } = report;
  const earlier = wereThere === 0 ? [] : [`${whole(wereThere)} of them were there already.`];
  const rows = [rowOf("source", sums), rowOf("target, read back", sums)];
  return [...earlier, table(rows), "Both hold the same.", ...next];
}

/** A place is shown without them. */
function withUser({ place }: MoveTarget): string {
  return place.startsWith("postgres:") ? ", with user and password," : "";
}

function rowOf(where: string, { jobs, installations, holds, checksum }: Sums) {
  return {
    "": where,
    waiting: whole(jobs.waiting),
    done: whole(jobs.done),
    dead: whole(jobs.dead),
    installations: whole(installations),
    pauses: whole(holds),
    checksum,
  };
}

function whole(count: number): string {
  return count.toLocaleString("en");
}

if (import.meta.main) await runAsProcess(createMigrateStoreCommand);
