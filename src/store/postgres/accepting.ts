import { z } from "zod";
import type { NewJob } from "../../job.ts";
import { createGroup, type Group } from "./commits.ts";
import type { Connections } from "./connections.ts";
import { hashOf, kept, lockOf } from "./hashes.ts";

/** A job that another server adds at the same moment under another lane is not kept twice: key_hash is unique. */
const ADD = `
  WITH given AS (
    SELECT DISTINCT ON (key_hash) * FROM unnest(
      $1::text[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::text[]) WITH ORDINALITY
      AS g (key, key_hash, former_hash, platform, lane, lane_hash, quota, payload, place)
    ORDER BY key_hash, place),
  fresh AS (
    SELECT *, row_number() OVER (PARTITION BY lane_hash ORDER BY place) = 1 AND NOT EXISTS (
      SELECT FROM chatops.jobs j WHERE j.lane_hash = given.lane_hash AND j.state IN ('waiting', 'working')) AS is_first
    FROM given
    WHERE NOT EXISTS (SELECT FROM chatops.jobs j WHERE j.key_hash = given.key_hash)
      AND NOT EXISTS (
        SELECT FROM chatops.jobs j WHERE j.key_hash = given.former_hash AND j.lane_hash = given.lane_hash)),
  added AS (
    INSERT INTO chatops.jobs
      (key, key_hash, platform, lane, lane_hash, quota, payload, is_first, accepted_at, next_attempt_at)
    SELECT key, key_hash, platform, lane, lane_hash, quota, payload, is_first, chatops.now_ms(), chatops.now_ms()
    FROM fresh ORDER BY place
    RETURNING key, platform, quota, is_first),
  turned AS (
    INSERT INTO chatops.turns (platform, quota, turn)
    SELECT DISTINCT platform, quota, chatops.now_ms() FROM added WHERE is_first)
  SELECT key FROM added`;

const keyRow = z.object({ key: z.string() });

/** A job with its payload as text, so that one that cannot be written fails by itself. */
export type Delivered = NewJob & { readonly text: string };

/** Keeps deliveries; each brings jobs that are kept together, and learns how many of them are new. */
export function createAccepting({ transaction }: Connections): Group<readonly Delivered[], number> {
  return createGroup(async (deliveries) => {
    const jobs = deliveries.flat();
    const locks = jobs.map(({ lane }) => lockOf(lane));
    const rows = await transaction({ locks }, (query) => query(ADD, columnsOf(jobs)));
    const added = new Set(rows.map((row) => keyRow.parse(row).key));
    // Of deliveries of the same job, the first has brought it.
    return deliveries.map((delivery) => delivery.filter(({ key }) => added.delete(kept(key))).length);
  });
}

function columnsOf(jobs: readonly Delivered[]) {
  return [
    jobs.map(({ key }) => key),
    jobs.map(({ key }) => hashOf(key)),
    jobs.map(({ formerKey }) => (formerKey === undefined ? null : hashOf(formerKey))),
    jobs.map(({ platform }) => platform),
    jobs.map(({ lane }) => lane),
    jobs.map(({ lane }) => hashOf(lane)),
    jobs.map(({ quota }) => quota),
    jobs.map(({ text }) => text),
  ];
}
