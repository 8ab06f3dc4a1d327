import { Argument, type Command, Option } from "commander";
import { type Environment, readConfig } from "../config/config.ts";
import { formatDuration } from "../durations.ts";
import { createTitles } from "../health/titles.ts";
import { createWaitingFor } from "../health/waiting-for.ts";
import { DESCRIPTIONS, PLATFORMS } from "../platforms/list.ts";
import type { AttemptCall, Holds, InboxDesk, JobRecord, JobState, PastAttempt } from "../store/store.ts";
import { visible } from "../visible.ts";
import { CommandError, createCommand, runAsProcess, type Terminal, table, time } from "./command.ts";
import { withStore } from "./open-store.ts";

const STATES: readonly JobState[] = ["waiting", "working", "dead", "done"];

export function createInboxCommand(terminal: Terminal): Command {
  const { out: print } = terminal;
  const atDesk = <T>(work: (desk: InboxDesk) => Promise<T>) => withDesk(terminal.environment, work);
  const command = createCommand("inbox", "Shows the server's jobs, and puts dead ones back.", terminal);

  command
    .command("list")
    .description("shows the newest jobs")
    .addOption(new Option("--state <state>", "only jobs in this state").choices(STATES))
    .option("--limit <number>", "at most this many", Number, 100)
    .option("--json", "as JSON, for machines")
    .action(async ({ state, limit, json }: { state?: JobState; limit: number; json?: boolean }) => {
      if (!Number.isSafeInteger(limit) || limit < 1)
        throw new CommandError("--limit takes a whole number of at least 1.");
      const jobs = await shown(terminal.environment, (desk) => desk.list({ state: state ?? null, limit }));
      if (json) print(JSON.stringify(jobs, null, 2));
      else print(jobs.length === 0 ? "No jobs." : table(jobs.map(rowOf)));
    });

  command
    .command("show")
    .description("shows everything about one job")
    .addArgument(new Argument("<key>", "as in the list"))
    .option("--json", "as JSON, for machines")
    .action(async (key: string, { json }: { json?: boolean }) => {
      const [job] = await shown(terminal.environment, async (desk) => (await desk.find(key)) ?? []);
      if (!job) throw new CommandError(`There is no job ${key}.`);
      print(json ? JSON.stringify(job, null, 2) : details(job));
    });

  command
    .command("retry")
    .description("puts dead jobs back; a running server picks them up within a second")
    .argument("[keys...]", "as in the list")
    .option("--all-dead", "all dead jobs")
    .action(async (keys: string[], { allDead }: { allDead?: boolean }, self) => {
      if (keys.length > 0 === (allDead === true)) self.error("error: give either keys or --all-dead");
      if (allDead) {
        const count = await atDesk((desk) => desk.retryAllDead());
        print(`${count} put back.${count === 0 ? "" : ` ${THEN} -- list`}`);
        return;
      }
      await atDesk((desk) =>
        each(keys, desk.retry, { done: "put back", refused: "is not dead, or does not exist" }, print),
      );
      print(`${THEN} -- show <key>`);
    });

  command
    .command("drop")
    .description("deletes jobs; if one is delivered again, it is a new job")
    .argument("<keys...>", "as in the list")
    .action((keys: string[]) =>
      atDesk((desk) =>
        each(keys, desk.drop, { done: "dropped", refused: "is being worked on, or does not exist" }, print),
      ),
    );

  command
    .command("lift")
    .description("ends pauses that a platform asked for; it may then refuse calls")
    .argument("<names...>", "as in the warning, e.g. webex or chatio:1520")
    .action((names: string[]) =>
      withStore(readConfig(terminal.environment), ({ holds }) => each(names, liftIn(holds), LIFTED, print)),
    );

  return command;
}

async function withDesk<T>(environment: Environment, work: (desk: InboxDesk) => Promise<T>): Promise<T> {
  return withStore(readConfig(environment), ({ desk }) => work(desk));
}

/** A job and what it waits for; null: it does not wait. */
type ShownJob = JobRecord & { readonly waitsFor: string | null };

async function shown(
  environment: Environment,
  look: (desk: InboxDesk) => Promise<JobRecord | readonly JobRecord[]>,
): Promise<ShownJob[]> {
  const config = readConfig(environment);
  const titles = createTitles(DESCRIPTIONS);
  const platforms = PLATFORMS.filter(({ isSetUp }) => isSetUp(config)).map(
    ({ description }) => description.name,
  );
  return withStore(config, async ({ desk, holds, check }) => {
    const jobs = [await look(desk)].flat();
    const isWritable = await check().then(
      () => true,
      () => false,
    );
    const now = Date.now();
    const waitingFor = createWaitingFor({ now, holds: await holds.list(), titles, platforms, isWritable });
    return jobs.map((job) => ({ ...job, waitsFor: waitingFor(job) }));
  });
}

/** Putting back is not doing: the server does that, and the job may die again. */
const THEN = "See in some seconds what came of it: npm run inbox";

const LIFTED = { done: "is no longer paused", refused: "has no pause" };

function liftIn(holds: Holds): (name: string) => Promise<boolean> {
  return async (name) => {
    if ((await holds.askedMs(name)) === null) return false;
    await holds.lift(name, "asked");
    return true;
  };
}

/** Does the same to each key. Throws CommandError at the end, naming those that failed. */
async function each(
  keys: readonly string[],
  act: (key: string) => Promise<boolean>,
  words: { done: string; refused: string },
  print: Terminal["out"],
): Promise<void> {
  const failed: string[] = [];
  for (const key of keys) {
    if (await act(key)) print(`${visible(key)} ${words.done}.`);
    else failed.push(key);
  }
  if (failed.length > 0)
    throw new CommandError(failed.map((key) => `${visible(key)} ${words.refused}.`).join("\n"));
}

function rowOf(job: ShownJob) {
  return {
    key: job.key,
    state: job.state,
    attempts: String(job.attempts),
    accepted: time(job.acceptedAt),
    next: job.waitsFor ?? "",
    what: job.outcome ?? job.lastError ?? "",
  };
}

function details(job: ShownJob): string {
  const facts: [string, string][] = [
    ["key", job.key],
    ["state", job.state],
    ["platform", job.platform],
    ["lane", job.lane],
    ["attempts", String(job.attempts)],
    ["accepted", time(job.acceptedAt)],
    ["next attempt", job.state === "waiting" ? time(job.nextAttemptAt) : "-"],
    ["waits for", job.waitsFor ?? "-"],
    ["put back", job.putBackAt === null ? "-" : time(job.putBackAt)],
    ["settled", job.settledAt === null ? "-" : time(job.settledAt)],
    ["outcome", job.outcome ?? "-"],
    ["last error", job.state === "done" ? "-" : (job.lastError ?? "-")],
    ["steps done", JSON.stringify(job.progress)],
    ["payload", JSON.stringify(job.payload)],
  ];
  return [...facts, ...job.history.flatMap(pastAttempt)]
    .map(([name, value]) => `${name.padEnd(14)}${visible(value)}`)
    .join("\n");
}

function pastAttempt({ startedAt, ms, end, says, calls }: PastAttempt): [string, string][] {
  const { last, before } = calls;
  return [
    ["attempt", `${time(startedAt)}  ${formatDuration(ms).padEnd(7)} ${end.padEnd(8)} ${says}`],
    ...(before > 0 ? [["  calls", `${before} more, not kept`] satisfies [string, string]] : []),
    ...last.map((call): [string, string] => ["  call", callWords(call)]),
  ];
}

function callWords({ name, ms, status }: AttemptCall): string {
  return `${" ".repeat(22)}${formatDuration(ms).padEnd(7)} ${String(status ?? "no answer").padEnd(9)} ${name}`;
}

if (import.meta.main) await runAsProcess(createInboxCommand);
