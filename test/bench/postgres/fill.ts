import { z } from "zod";
import { openPostgresStore } from "../../../src/store/postgres/index.ts";
import { run } from "./clusters.ts";

/** Jobs are spread over so many licenses. */
const LICENSES = 500;
const HELD = "chatio:9999";
const HELD_MS = 86_400_000;

const indexRow = z.object({ name: z.string(), sql: z.string() });

/** Those that hold no constraint. */
const INDEXES = `
  SELECT indexname AS name, indexdef AS sql FROM pg_indexes
  WHERE schemaname = 'chatops' AND tablename = 'jobs' AND indexdef NOT LIKE 'CREATE UNIQUE%'`;

/** Every so-manieth job waits ($2), and every second of these is of a license that is held; the others are done. */
const FILL = `
  WITH numbers AS (
    SELECT n, ($1 - n) % $2 = 0 AS waits, ($1 - n) % (2 * $2) = 0 AS is_held,
      (extract(epoch FROM now()) * 1000)::bigint - $1 + n AS at, lpad(n::text, 12, '0') AS id
    FROM generate_series(1, $1::bigint) AS n),
  named AS (
    SELECT *, CASE WHEN is_held THEN '${HELD}' ELSE quotaOf(n) END AS quota FROM numbers)
  INSERT INTO chatops.jobs (
    key, key_hash, platform, lane, lane_hash, quota, payload, progress, state, is_first, attempts,
    accepted_at, next_attempt_at, settled_at, outcome, lease, history)
  SELECT
    quota || ':' || id || ':event-1', sha256(convert_to(quota || ':' || id || ':event-1', 'UTF8')),
    'chatio', quota || ':' || id, sha256(convert_to(quota || ':' || id, 'UTF8')), quota,
    '{"account":"20001","chatId":"' || id || '","replies":[{"text":"Pizza is on the way!","to":"agents"}]}',
    CASE WHEN waits THEN '{}' ELSE '{"joined":true,"sent":true,"refusal":null}' END,
    CASE WHEN waits THEN 'waiting' ELSE 'done' END, true, CASE WHEN waits THEN 0 ELSE 1 END, at, at,
    CASE WHEN NOT waits THEN at END, CASE WHEN NOT waits THEN 'replied to the agents' END,
    CASE WHEN NOT waits THEN gen_random_uuid() END,
    CASE WHEN waits THEN '{}'::text[] ELSE ARRAY['[' || at - 150 || ',150,"done","replied to the agents",[["join_chat",50,200],["send_event",50,200],["remove_from_chat",50,200]]]'] END
  FROM named ORDER BY n`.replace("quotaOf(n)", quotaSql("n"));

const TURNS = `
  INSERT INTO chatops.turns (platform, quota, turn)
  SELECT platform, quota, min(next_attempt_at) FROM chatops.jobs WHERE state = 'waiting' GROUP BY 1, 2`;

function quotaSql(n: string): string {
  return `'chatio:' || 20001 + ${n} % ${LICENSES}`;
}

/** The quota of the job with that number, for jobs beside those. */
export function quotaOf(n: number): string {
  return `chatio:${20_001 + (n % LICENSES)}`;
}

/** Fills a database in which no job is yet, beside the store and its promises: a million jobs in some seconds. */
export async function fillJobs(url: string, { settled, waiting }: { settled: number; waiting: number }) {
  const store = await openPostgresStore({ url, encryptionSecretsOf: () => [] });
  try {
    const indexes = (await run(url, INDEXES)).map((row) => indexRow.parse(row));
    for (const { name } of indexes) await run(url, `DROP INDEX chatops.${name}`);
    const rows = settled + waiting;
    await run(url, FILL, [rows, Math.round(rows / waiting)]);
    await run(url, ["SET maintenance_work_mem = '256MB'", ...indexes.map(({ sql }) => sql)].join(";"));
    await run(url, TURNS);
    await store.holds.hold(HELD, "asked", HELD_MS);
    await run(url, "VACUUM ANALYZE");
    await run(url, "CHECKPOINT");
  } finally {
    await store.close();
  }
}
