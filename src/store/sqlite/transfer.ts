import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { ConfigError, StoreError, sentenceOf } from "../../errors.ts";
import type { Content, MoveSource, MoveTarget } from "../transfer.ts";
import { holdFrom } from "../transfer-columns.ts";
import { reading } from "./commits.ts";
import { adviceOnWrite } from "./failures.ts";
import { INSERT_INSTALLATION } from "./installation-rows.ts";
import { placeOf, readMark, removeMark, writeMark } from "./marks.ts";
import { openServerDatabase, type ServerDatabase } from "./open.ts";
import { forgetOwner } from "./server-lock.ts";
import {
  HOLDS,
  INSTALLATIONS,
  installationFrom,
  JOBS,
  jobFrom,
  valuesOfInstallation,
  valuesOfSettled,
  valuesOfUnsettled,
} from "./transfer-rows.ts";
import { createTurns } from "./turns.ts";

const COUNT = "SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM settled) AS jobs";

/** Which job is the head of its lane is computed anew (SET_HEADS), so whatever stands here is only a guess. */
const ADD_UNSETTLED = `
  INSERT INTO jobs
    (seq, key, platform, lane, quota, payload, progress, attempts, accepted_at, next_attempt_at, last_error, history,
     first_accepted_at, earlier_attempts, is_first)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, NOT EXISTS (SELECT 1 FROM jobs WHERE lane = ?4))
  ON CONFLICT DO NOTHING`;
const ADD_SETTLED = `
  INSERT INTO settled
    (seq, key, platform, lane, quota, payload, progress, attempts, accepted_at, state, settled_at, outcome, last_error, history,
     first_accepted_at, earlier_attempts)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING`;
const ADD_INSTALLATION = `
  ${INSERT_INSTALLATION}
  ON CONFLICT DO NOTHING`;
const ADD_HOLD = `
  INSERT INTO holds (quota, reason, pause_ms, set_at, ends_at) VALUES (:quota, :reason, :pauseMs, :setAt, :endsAt)
  ON CONFLICT DO NOTHING`;

const SET_HEADS = `
  UPDATE jobs SET is_first = 1 - is_first
  WHERE is_first <> (seq = (SELECT min(seq) FROM jobs AS other WHERE other.lane = jobs.lane))`;
/** The next job gets a number that no job had, as if all had been accepted here. */
const NUMBER_ON = [
  "DELETE FROM sqlite_sequence WHERE name = 'jobs'",
  `INSERT INTO sqlite_sequence (name, seq)
   SELECT 'jobs', max(coalesce((SELECT max(seq) FROM jobs), 0), coalesce((SELECT max(seq) FROM settled), 0))`,
];

const countRow = z.object({ jobs: z.number() });

/** Opens a file from which everything is moved, as its server would, and lets nobody write to it. Throws ConfigError. */
export function openMoveSource(path: string): MoveSource {
  if (!existsSync(path)) throw new ConfigError(`DATABASE_URL: there is no database at ${path}.`);
  const opened = openServerDatabase(path, { mayBeMarked: true });
  const { db } = opened;
  const content = createContent(path, opened);
  try {
    db.exec("BEGIN IMMEDIATE");
  } catch (cause) {
    closeAll(opened);
    const sentence = `DATABASE_URL: another program keeps ${path} locked: ${sentenceOf(cause)}. Wait until it has ended, then run this command again.`;
    throw new ConfigError(sentence, { cause });
  }
  return {
    ...content,
    leave: async (mark) =>
      writing(() => {
        writeMark(db, mark);
        db.exec("COMMIT");
      }),
  };
}

/** Opens a file to which everything is moved, as its server would; it is created if missing. Throws ConfigError. */
export function openMoveTarget(path: string): MoveTarget {
  const opened = openServerDatabase(path, { mayBeMarked: true });
  const { db } = opened;
  const [addUnsettled, addSettled] = [db.prepare(ADD_UNSETTLED), db.prepare(ADD_SETTLED)];
  const [addInstallation, addHold] = [db.prepare(ADD_INSTALLATION), db.prepare(ADD_HOLD)];
  const commit = async (work: () => void) => committed(db, work);
  return {
    ...createContent(path, opened),
    howToEmpty: `move ${opened.real}, ${opened.real}-wal and ${opened.real}-shm to another folder`,
    enter: (mark) => commit(() => writeMark(db, mark)),
    addJobs: (jobs) =>
      commit(() => {
        for (const job of jobs) {
          if (job.state === "waiting") addUnsettled.run(...valuesOfUnsettled(job));
          else addSettled.run(...valuesOfSettled(job));
        }
      }),
    addInstallations: (installations) =>
      commit(() => {
        for (const one of installations) addInstallation.run(valuesOfInstallation(one));
      }),
    addHolds: (holds) =>
      commit(() => {
        for (const hold of holds) addHold.run({ ...hold });
      }),
    finish: () =>
      commit(() => {
        for (const sql of [SET_HEADS, ...NUMBER_ON]) db.exec(sql);
        createTurns(db).rebuild();
        removeMark(db);
      }),
  };
}

/** Takes the mark off, so that servers use the file again; returns it, or null if there was none. Throws ConfigError. */
export function reopenMoved(path: string): boolean {
  if (!existsSync(path)) throw new ConfigError(`DATABASE_URL: there is no database at ${path}.`);
  const opened = openServerDatabase(path, { mayBeMarked: true });
  try {
    if (readMark(opened.db)?.kind !== "moved") return false;
    committed(opened.db, () => removeMark(opened.db));
    return true;
  } finally {
    closeAll(opened);
  }
}

function createContent(path: string, opened: ServerDatabase): Content {
  const { db } = opened;
  const jobs = db.prepare(JOBS);
  const installations = db.prepare(INSTALLATIONS);
  const holds = db.prepare(HOLDS);
  const count = db.prepare(COUNT);
  return {
    place: placeOf(resolve(path)),
    mark: readMark(db),
    countJobs: async () => reading(() => countRow.parse(count.get()).jobs),
    jobs: async (after, limit) =>
      reading(() => jobs.all({ after: after ?? Number.MIN_SAFE_INTEGER, limit }).map(jobFrom)),
    installations: async (after, limit) =>
      reading(() => {
        const { platform, account } = after ?? { platform: "", account: "" };
        return installations.all({ platform, account, limit }).map(installationFrom);
      }),
    holds: async () => reading(() => holds.all().map(holdFrom)),
    close: async () => closeAll(opened),
  };
}

function closeAll({ db, unlock }: ServerDatabase): void {
  if (db.isTransaction) db.exec("ROLLBACK");
  forgetOwner(db);
  db.close();
  unlock();
}

function committed(db: DatabaseSync, work: () => void): void {
  writing(() => {
    db.exec("BEGIN IMMEDIATE");
    try {
      work();
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  });
}

function writing<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const sentence = `The database could not be written: ${sentenceOf(cause)}.${adviceOnWrite(cause)}`;
    throw new StoreError(sentence, { cause });
  }
}
