import type { DatabaseSync, StatementSync } from "node:sqlite";
import { z } from "zod";
import { type Place, placeOf } from "../job-columns.ts";
import type { JobFilter, JobRecord, JobState } from "../store.ts";
import type { Groups } from "./groups.ts";
import { FROM_JOBS, FROM_SETTLED, recordOf } from "./job-records.ts";

type Direction = "older" | "newer";
/** The jobs of a platform or of a quota; null: all. */
type Source = { readonly by: "platform" | "quota"; readonly of: string } | null;
type Settled = Extract<JobState, "done" | "dead">;

const ORDERS = { older: { past: "<", order: "DESC" }, newer: { past: ">", order: "ASC" } } as const;
const END = Number.MAX_SAFE_INTEGER;

function unsettledSql(state: JobState | null, source: Source, direction: Direction): string {
  const { past, order } = ORDERS[direction];
  const index = state === "working" ? " INDEXED BY jobs_leased" : "";
  const conditions = [
    `seq ${past} :seq`,
    ...(state === null ? [] : [`state = '${state}'`]),
    ...(source === null ? [] : [`${source.by} = :of`]),
  ];
  return `${FROM_JOBS}${index} WHERE ${conditions.join(" AND ")} ORDER BY seq ${order} LIMIT :limit`;
}

function settledSql(state: Settled, { by }: NonNullable<Source>, direction: Direction): string {
  const { past, order } = ORDERS[direction];
  return `${FROM_SETTLED} WHERE ${by} = :of AND state = '${state}' AND (settled_at, seq) ${past} (:settledAt, :seq)
    ORDER BY settled.settled_at ${order}, seq ${order} LIMIT :limit`;
}

const placeRow = z.object({ seq: z.number(), settled_at: z.number().nullable() });
type PlacedRow = { readonly row: unknown; readonly place: z.infer<typeof placeRow> };

/**
 * Reads lists of jobs. Of settled jobs it reads little more than it returns. Unsettled ones, if there are any of the
 * platform or quota, are read in the order in which they were accepted until the list is full: an index by quota would slow
 * every job down, and a backlog of 100,000 takes less than 20 ms.
 */
export function createJobLists(db: DatabaseSync, groups: Groups): (filter: JobFilter) => JobRecord[] {
  const prepared = new Map<string, StatementSync>();

  function statement(sql: string): StatementSync {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = db.prepare(sql);
    prepared.set(sql, made);
    return made;
  }

  function unsettled({ state, of, limit }: JobFilter, direction: Direction, from: Place | null): unknown[] {
    if (state === "done" || state === "dead") return [];
    const seq = from?.settledAt === null ? from.seq : direction === "older" ? END : -1;
    const rows = sourcesOf(of)
      .filter((source) => source === null || groups.hasUnsettled(source.by, source.of))
      .flatMap((source) => {
        const bound = { seq, limit, ...(source && { of: source.of }) };
        return statement(unsettledSql(state, source, direction)).all(bound);
      });
    return merged(rows, direction).slice(0, limit);
  }

  function settled({ state, of, limit }: JobFilter, direction: Direction, from: Place | null): unknown[] {
    if (limit === 0 || state === "waiting" || state === "working") return [];
    const place = from === null || from.settledAt === null ? { seq: END, settledAt: END } : from;
    const states = state === null ? (["done", "dead"] as const) : [state];
    const rows = states.flatMap((one) =>
      settledSourcesOf(of, one).flatMap((source) =>
        statement(settledSql(one, source, direction)).all({ ...place, limit, of: source.of }),
      ),
    );
    return merged(rows, direction).slice(0, limit);
  }

  function settledSourcesOf(of: JobFilter["of"], state: Settled): NonNullable<Source>[] {
    if (of !== undefined) return sourcesOf(of).filter((source) => source !== null);
    const platforms = groups.settled().filter((group) => group.state === state);
    return platforms.map(({ platform }) => ({ by: "platform", of: platform }));
  }

  function older(filter: JobFilter, from: Place | null): unknown[] {
    const isPast = from !== null && from.settledAt !== null;
    const first = isPast ? [] : unsettled(filter, "older", from);
    return [...first, ...settled({ ...filter, limit: filter.limit - first.length }, "older", from)];
  }

  function newer(filter: JobFilter, from: Place): unknown[] {
    const first = from.settledAt === null ? [] : settled(filter, "newer", from);
    const rest = unsettled({ ...filter, limit: filter.limit - first.length }, "newer", from);
    return [...first, ...rest].reverse();
  }

  return (filter) => {
    const { from } = filter;
    const isNewer = from !== undefined && "newerThan" in from;
    const place = from === undefined ? null : placeOf(isNewer ? from.newerThan : from.olderThan);
    const rows = isNewer && place !== null ? newer(filter, place) : older(filter, place);
    return rows.map(recordOf);
  };
}

function sourcesOf(of: JobFilter["of"]): Source[] {
  if (of === undefined) return [null];
  if ("platform" in of) return [{ by: "platform", of: of.platform }];
  return of.quotas.map((quota) => ({ by: "quota", of: quota }));
}

/** Rows of several lists in one order. */
function merged(rows: readonly unknown[], direction: Direction): unknown[] {
  const sign = direction === "older" ? 1 : -1;
  return rows
    .map((row): PlacedRow => ({ row, place: placeRow.parse(row) }))
    .sort((a, b) => sign * newestFirst(a.place, b.place))
    .map(({ row }) => row);
}

function newestFirst(a: PlacedRow["place"], b: PlacedRow["place"]): number {
  return (b.settled_at ?? END) - (a.settled_at ?? END) || b.seq - a.seq;
}
