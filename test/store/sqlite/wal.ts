import { readFileSync } from "node:fs";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * How many transactions stand in a database's write-ahead log since it was last begun anew: the last frame of each
 * carries the size of the database, all others 0 (https://sqlite.org/fileformat2.html#walformat).
 */
export function commitsIn(databasePath: string): number {
  const wal = readFileSync(`${databasePath}-wal`);
  const pageBytes = wal.readUInt32BE(8);
  const salt = wal.subarray(16, 24);
  let commits = 0;
  for (let at = HEADER_BYTES; at < wal.length; at += FRAME_HEADER_BYTES + pageBytes) {
    const isOfThisRound = wal.subarray(at + 8, at + 16).equals(salt);
    if (isOfThisRound && wal.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}
