import { DatabaseSync } from "node:sqlite";
import { z } from "zod";

const indexRow = z.object({ name: z.string(), sql: z.string() });
const countRow = z.object({ jobs: z.number() });

/** Numbers in keys are this far apart, so that there is room for new ones between any two. */
export const KEY_STEP = 1000;

/** Every so-manieth row waits; the others are done. */
const FILL = `
  WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows),
  jobs_to_be AS (SELECT n, printf('%012d', n * ${KEY_STEP}) AS id, n % :everyWaiting = 0 AS waits FROM numbers)
  INSERT INTO jobs
    (key, platform, lane, quota, payload, progress, state, is_first, attempts, accepted_at, next_attempt_at, settled_at, outcome)
  SELECT 'chatio:1520:' || id || ':' || id, 'chatio', 'chatio:1520:' || id, 'chatio:1520',
         '{"licenseId":1520,"chatId":"' || id || '","reply":"Pizza is on the way!"}',
         iif(waits, '{}', '{"joined":true,"sent":true,"refusal":null}'),
         iif(waits, 'waiting', 'done'), 1, iif(waits, 0, 1), :since + n, :since + n,
         iif(waits, NULL, :since + n), iif(waits, NULL, 'replied to the agents')
  FROM jobs_to_be`;

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
    db.prepare(FILL).run({ rows, everyWaiting: Math.round(rows / waiting), since: Date.now() - rows });
    for (const { sql } of indexes) db.exec(sql);
    db.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  });
}

/** Forgets all jobs that nobody has in hand. */
export function emptyJobs(path: string): void {
  withDatabase(path, (db) => db.exec("DELETE FROM jobs WHERE state <> 'working'"));
}

/** Jobs that wait or are in hand. */
export function countUnfinished(path: string): number {
  return withDatabase(path, (db) => {
    const row = db.prepare("SELECT count(*) AS jobs FROM jobs WHERE state IN ('waiting', 'working')").get();
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
