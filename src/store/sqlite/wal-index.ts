import { closeSync, openSync, readSync } from "node:fs";

/** Where the facts stand in the file `-shm` (https://sqlite.org/walformat.html, 2.1 and 2.2). */
const INDEX_BYTES = 136;
const SALTS = [32, 40] as const;
const BACKFILLED = [96, 100] as const;
const BACKFILL_ATTEMPTED = [128, 132] as const;

export type Checkpoints = {
  /** How far they have come; different after each. */
  progress: string;
  /** One is writing into the database file, or was killed while it did. */
  isUnderWay: boolean;
};

export type WalIndex = {
  read(): Checkpoints;
  /** To be called after the connection was closed: it ends every lock of this process on the file. */
  close(): void;
};

/**
 * Reads how far the write-ahead log has been copied into the database file. Every process that does so says it here first,
 * so this tells SQLite's own changes of that file from any other's.
 */
export function openWalIndex(path: string): WalIndex {
  const file = openSync(`${path}-shm`, "r");
  const index = Buffer.alloc(INDEX_BYTES);
  return {
    read() {
      readSync(file, index, 0, INDEX_BYTES, 0);
      const [salts, done, begun] = [SALTS, BACKFILLED, BACKFILL_ATTEMPTED].map((range) =>
        index.toString("hex", ...range),
      );
      return { progress: `${salts} ${done} ${begun}`, isUnderWay: done !== begun };
    },
    close: () => closeSync(file),
  };
}
