import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const indexRow = z.object({ name: z.string(), sql: z.string() });
const countRow = z.object({ jobs: z.number() });

/** Numbers in keys are this far apart, so that there is room for new ones between any two. */
export const KEY_STEP = 1000;

/** Every so-manieth job waits, the last one, too; the others are done. All are of one quota, each of a lane of its own. */
const JOBS_TO_BE = `
  WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows),
  jobs_to_be AS (
    SELECT n, (:rows - n) % :everyWaiting = 0 AS waits, :since + n AS at, 'chatio' AS platform, 'chatio:1520' AS quota,
           'chatio:1520:' || printf('%012d', n * ${KEY_STEP}) AS lane,
           'chatio:1520:' || printf('%012d:%012d', n * ${KEY_STEP}, n * ${KEY_STEP}) AS key,
           '{"account":"1520","chatId":"' || printf('%012d', n * ${KEY_STEP}) || '","reply":"Pizza is on the way!"}' AS payload,
           '{"joined":true,"sent":true,"refusal":null}' AS progress
    FROM numbers)`;

/** What is settled in a table of its own, and a turn for the quota, which has something due. */
const FILL = [
  `INSERT INTO jobs (seq, key, platform, lane, quota, payload, is_first, accepted_at, next_attempt_at)
   ${JOBS_TO_BE} SELECT n, key, platform, lane, quota, payload, 1, at, at FROM jobs_to_be WHERE waits`,
  `INSERT INTO settled
     (seq, key, platform, lane, quota, payload, progress, state, attempts, accepted_at, settled_at, outcome)
   ${JOBS_TO_BE}
   SELECT n, key, platform, lane, quota, payload, progress, 'done', 1, at, at, 'replied to the agents'
   FROM jobs_to_be WHERE NOT waits`,
  "INSERT INTO turns (quota, platform, turn) VALUES ('chatio:1520', 'chatio', :since * 1000)",
];

/**
 * Fills a database that a store has made, beside the store and its promises: a million jobs in some seconds. Indexes are
 * taken away and made again at the end, which is several times as fast as keeping them up.
 */
export function fillJobs(path: string, { settled, waiting }: { settled: number; waiting: number }): void {
  withDatabase(path, (db) => {
    db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN");
    const found = db
      .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
      .all();
    const indexes = z.array(indexRow).parse(found);
    for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
    const rows = settled + waiting;
    const order = { rows, everyWaiting: Math.round(rows / waiting), since: Date.now() - rows };
    for (const sql of FILL) {
      const fill = db.prepare(sql);
      fill.setAllowUnknownNamedParameters(true);
      fill.run(order);
    }
    for (const { sql } of indexes) db.exec(sql);
    db.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  });
}

/** Forgets all jobs that nobody has in hand. */
export function emptyJobs(path: string): void {
  withDatabase(path, (db) => {
    db.exec("DELETE FROM jobs WHERE state <> 'working'");
    db.exec("DELETE FROM settled");
  });
}

/** Jobs that wait or are in hand. */
export function countUnfinished(path: string): number {
  return withDatabase(path, (db) => {
    const row = db.prepare("SELECT count(*) AS jobs FROM jobs").get();
    return countRow.parse(row).jobs;
  });
}

function withDatabase<T>(path: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { timeout: 5000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}
