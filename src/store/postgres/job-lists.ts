import { type Place, placeOf } from "../job-columns.ts";
import type { JobFilter, JobRecord, JobState } from "../store.ts";
import type { Query, Value } from "./connections.ts";
import { RECORDS, recordOf } from "./job-records.ts";

type Direction = "older" | "newer";

const ORDERS = {
  older: { past: "<", order: "DESC", nulls: "FIRST" },
  newer: { past: ">", order: "ASC", nulls: "LAST" },
} as const;

/** Adds a value to a statement; returns its placeholder. */
type Bind = (value: Value) => string;

/**
 * Lists jobs. Of settled jobs it reads little more than it returns. Unsettled ones are read in the order in which they were
 * accepted until the list is full: an index by quota would slow every job down.
 */
export async function listJobs(query: Query, filter: JobFilter): Promise<JobRecord[]> {
  const { from } = filter;
  const isNewer = from !== undefined && "newerThan" in from;
  const place = from === undefined ? null : placeOf(isNewer ? from.newerThan : from.olderThan);
  const direction = isNewer && place !== null ? "newer" : "older";

  const values: Value[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const limit = bind(filter.limit);
  const parts = [...unsettled(filter, direction, place, bind), ...settled(filter, direction, place, bind)];
  if (parts.length === 0) return [];
  const { order, nulls } = ORDERS[direction];
  const all = parts.map((part) => `(${RECORDS} WHERE ${part} LIMIT ${limit})`).join(" UNION ALL ");
  const sql = `SELECT * FROM (${all}) AS listed
    ORDER BY settled_at ${order} NULLS ${nulls}, seq ${order} LIMIT ${limit}`;
  const records = (await query(sql, values)).map(recordOf);
  return direction === "newer" ? records.reverse() : records;
}

function unsettled(
  { state, of }: JobFilter,
  direction: Direction,
  place: Place | null,
  bind: Bind,
): string[] {
  if (direction === "older" && place !== null && place.settledAt !== null) return [];
  const { past, order } = ORDERS[direction];
  const start = place !== null && place.settledAt === null ? [`seq ${past} ${bind(place.seq)}`] : [];
  return only(state, ["waiting", "working"]).flatMap((one) =>
    sourcesOf(of, bind).map(
      (source) => `${[`state = '${one}'`, ...source, ...start].join(" AND ")} ORDER BY seq ${order}`,
    ),
  );
}

function settled({ state, of }: JobFilter, direction: Direction, place: Place | null, bind: Bind): string[] {
  if (direction === "newer" && place !== null && place.settledAt === null) return [];
  const { past, order } = ORDERS[direction];
  const start =
    place !== null && place.settledAt !== null
      ? [`(settled_at, seq) ${past} (${bind(place.settledAt)}, ${bind(place.seq)})`]
      : [];
  return only(state, ["done", "dead"]).flatMap((one) =>
    sourcesOf(of, bind).map(
      (source) =>
        `${[`state = '${one}'`, ...source, ...start].join(" AND ")} ORDER BY settled_at ${order}, seq ${order}`,
    ),
  );
}

function only(state: JobState | null, states: readonly JobState[]): readonly JobState[] {
  return state === null ? states : states.filter((one) => one === state);
}

/** The conditions of each index that has some of these jobs. */
function sourcesOf(of: JobFilter["of"], bind: Bind): string[][] {
  if (of === undefined) return [[]];
  if ("platform" in of) return [[`platform = ${bind(of.platform)}`]];
  return of.quotas.map((quota) => [`quota = ${bind(quota)}`]);
}
