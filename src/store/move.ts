import { ConfigError } from "../errors.ts";
import { visible } from "../visible.ts";
import {
  type Content,
  createTally,
  type MovedHold,
  type MovedInstallation,
  type MovedJob,
  type MoveSource,
  type MoveTarget,
  type Sums,
  type Tally,
  textOfHold,
  textOfInstallation,
  textOfJob,
} from "./transfer.ts";

/** Rows read, and kept in one commit, at once: bounds the memory. */
const BATCH = 1000;
const MOST_NAMED = 5;

export type MoveOptions = {
  /** Milliseconds since 1970. */
  now: number;
  /** Called after each batch, with how many jobs are in the target. */
  onJobs(moved: number, all: number): void;
};

/** `wasDone`: an earlier run had moved everything, so nothing was done. */
export type MoveReport =
  | { readonly wasDone: true }
  | { readonly wasDone: false; readonly sums: Sums; readonly wereThere: number };

/**
 * Moves everything from one database to another, reads it back, and marks the source as moved. An interrupted move goes on if
 * this is called again. Throws ConfigError, with what to do: if the target holds anything that the source does not, nothing was
 * written; otherwise the target stays marked as incomplete.
 */
export async function move(
  source: MoveSource,
  target: MoveTarget,
  { now, onJobs }: MoveOptions,
): Promise<MoveReport> {
  if (isDone(source, target)) return { wasDone: true };
  const wereThere = await target.countJobs();
  await verifyIsPart(source, target);
  await target.enter({ kind: "incoming", other: source.place, at: now });
  const sums = await copy(source, target, onJobs);
  verifySame(sums, await sumsOf(target), target);
  // In this order: if the process is killed in between, no server starts on either, and the next run completes the move.
  if (source.mark === null) await source.leave({ kind: "moved", other: target.place, at: now });
  await target.finish();
  return { wasDone: false, sums, wereThere };
}

/** Throws ConfigError if an earlier move does not allow this one. */
function isDone(source: MoveSource, target: MoveTarget): boolean {
  if (source.mark?.kind === "incoming") {
    throw new ConfigError(
      `--from: not everything is in ${source.place}: the move from ${source.mark.other} has not ended. Complete that one first, by the same command as before.`,
    );
  }
  if (target.mark?.kind === "moved") {
    throw new ConfigError(
      `--to: what was in ${target.place} was moved to ${target.mark.other}, and is still there as it was then. To use the place again, ${target.howToEmpty}. Then run this command again.`,
    );
  }
  if (target.mark !== null && target.mark.other !== source.place) {
    throw new ConfigError(
      `--to: a move from ${target.mark.other} to ${target.place} has not ended. Complete that one, or ${target.howToEmpty}; then run this command again.`,
    );
  }
  if (source.mark === null) return false;
  if (source.mark.other === target.place) return target.mark === null;
  throw new ConfigError(
    `--from: everything in ${source.place} was moved to ${source.mark.other} already. Move it on from there. To use this one again, as it was then, run: npm run migrate-store -- --reopen ${source.place}`,
  );
}

/** Throws ConfigError if the target has something that is not in the source, or differs. */
async function verifyIsPart(source: Content, target: Content & Pick<MoveTarget, "howToEmpty">) {
  const found: string[] = [];
  const parts = [
    strangers(jobsOf(source), jobsOf(target), bySeq, textOfJob, ({ key }) => `job ${key}`),
    strangers(
      installationsOf(source),
      installationsOf(target),
      byAccount,
      textOfInstallation,
      ({ platform, account }) => `installation ${platform}:${account}`,
    ),
    strangers(
      await source.holds(),
      await target.holds(),
      byQuota,
      textOfHold,
      ({ quota }) => `pause of ${quota}`,
    ),
  ];
  for (const part of parts) {
    for await (const name of part) {
      found.push(visible(name));
      if (found.length > MOST_NAMED) throw notPart(found, target);
    }
  }
  if (found.length > 0) throw notPart(found, target);
}

function notPart(found: readonly string[], target: Pick<MoveTarget, "place" | "howToEmpty">): ConfigError {
  const more = found.length > MOST_NAMED ? ["and more"] : [];
  const named = [...found.slice(0, MOST_NAMED), ...more].join(", ");
  return new ConfigError(
    `--to: ${target.place} holds something that is not the same in the source: ${named}. Nothing was changed. Name another database, or ${target.howToEmpty}; then run this command again.`,
  );
}

/** The names of rows in the second list that are not, just so, in the first. Both are in order. */
async function* strangers<Row>(
  given: AsyncIterable<Row> | Iterable<Row>,
  there: AsyncIterable<Row> | Iterable<Row>,
  order: (a: Row, b: Row) => number,
  textOf: (row: Row) => string,
  nameOf: (row: Row) => string,
): AsyncGenerator<string> {
  const all = iterate(given);
  let known = await all.next();
  for await (const row of there) {
    while (!known.done && order(known.value, row) < 0) known = await all.next();
    if (known.done || textOf(known.value) !== textOf(row)) yield nameOf(row);
  }
}

async function* iterate<Row>(rows: AsyncIterable<Row> | Iterable<Row>): AsyncGenerator<Row, undefined> {
  yield* rows;
}

function bySeq(a: MovedJob, b: MovedJob): number {
  return a.seq - b.seq;
}

function byAccount(a: MovedInstallation, b: MovedInstallation): number {
  return byBytes(a.platform, b.platform) || byBytes(a.account, b.account);
}

function byQuota(a: MovedHold, b: MovedHold): number {
  return byBytes(a.quota, b.quota) || byBytes(a.reason, b.reason);
}

/** As databases compare texts. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function* batchesOf<Row>(read: (after: Row | null) => Promise<Row[]>): AsyncGenerator<Row[]> {
  let after: Row | null = null;
  for (;;) {
    const rows: Row[] = await read(after);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
    after = rows.at(-1) ?? null;
  }
}

function jobBatches(content: Content): AsyncGenerator<MovedJob[]> {
  return batchesOf((after) => content.jobs(after?.seq ?? null, BATCH));
}

function installationBatches(content: Content): AsyncGenerator<MovedInstallation[]> {
  return batchesOf((after) => content.installations(after, BATCH));
}

async function* jobsOf(content: Content): AsyncGenerator<MovedJob> {
  for await (const rows of jobBatches(content)) yield* rows;
}

async function* installationsOf(content: Content): AsyncGenerator<MovedInstallation> {
  for await (const rows of installationBatches(content)) yield* rows;
}

async function copy(source: Content, target: MoveTarget, onJobs: MoveOptions["onJobs"]): Promise<Sums> {
  const all = await source.countJobs();
  let moved = 0;
  return walk(source, {
    async jobs(rows) {
      await target.addJobs(rows);
      moved += rows.length;
      onJobs(moved, all);
    },
    installations: target.addInstallations,
    holds: target.addHolds,
  });
}

function sumsOf(content: Content): Promise<Sums> {
  const nothing = async () => {};
  return walk(content, { jobs: nothing, installations: nothing, holds: nothing });
}

type Visitor = {
  jobs(rows: readonly MovedJob[]): Promise<void>;
  installations(rows: readonly MovedInstallation[]): Promise<void>;
  holds(rows: readonly MovedHold[]): Promise<void>;
};

/** Goes through everything once, batch by batch. */
async function walk(content: Content, visit: Visitor): Promise<Sums> {
  const tally: Tally = createTally();
  for await (const rows of jobBatches(content)) {
    await visit.jobs(rows);
    for (const row of rows) tally.job(row);
  }
  for await (const rows of installationBatches(content)) {
    await visit.installations(rows);
    for (const row of rows) tally.installation(row);
  }
  const holds = await content.holds();
  await visit.holds(holds);
  for (const row of holds) tally.hold(row);
  return tally.sums();
}

function verifySame(source: Sums, target: Sums, { place, howToEmpty }: MoveTarget): void {
  if (JSON.stringify(source) === JSON.stringify(target)) return;
  throw new ConfigError(
    `What was read back from ${place} is not what was written. Source: ${sentenceOf(source)}. Target: ${sentenceOf(target)}. The source is unchanged, and a server can start on it. To try again, ${howToEmpty}; then run this command again.`,
  );
}

function sentenceOf({ jobs, installations, holds, checksum }: Sums): string {
  const { waiting, done, dead } = jobs;
  return `${waiting} waiting, ${done} done and ${dead} dead jobs, ${installations} installations, ${holds} pauses, checksum ${checksum}`;
}
