import { closeSync, openSync, readSync } from "node:fs";

/**
 * The first 16 pages of 4 KiB. Among them are the header and the table in which SQLite counts the jobs, so two states of
 * a database between which a job was accepted differ there.
 */
const HEAD_BYTES = 65_536;

export type FileHead = {
  /** Takes what is there now as the known content. */
  remember(): void;
  /** Whether the known content is still there. */
  isSame(): boolean;
  /** To be called after the connection was closed: it ends every lock of this process on the file. */
  close(): void;
};

/** The beginning of a database file, read as bytes. A look takes 4 µs, half of what all others together take. */
export function openFileHead(real: string): FileHead {
  const file = openSync(real, "r");
  const [known, now] = [Buffer.alloc(HEAD_BYTES), Buffer.alloc(HEAD_BYTES)];
  const read = (into: Buffer) => into.subarray(0, readSync(file, into, 0, HEAD_BYTES, 0));
  let knownBytes = read(known);
  return {
    remember: () => {
      knownBytes = read(known);
    },
    isSame: () => read(now).equals(knownBytes),
    close: () => closeSync(file),
  };
}
