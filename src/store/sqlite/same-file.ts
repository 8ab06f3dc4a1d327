import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { howToRestore } from "./failures.ts";
import {
  isCommittedAsFar,
  isCopiedAsFar,
  isCopying,
  openWalFrames,
  openWalIndex,
  type WalState,
} from "./wal.ts";

export type FileWatch = {
  /** Throws, with what happened and what to do, once whatever is written would be lost. */
  verify(): void;
  /** What is wrong until the server is restarted; null when nothing is. */
  broken(): string | null;
  /** Call this only after the connection was closed. */
  close(): void;
};

/**
 * Watches the files of an open database from the outside: SQLite goes on writing to files that were deleted, moved or
 * overwritten, and reports no error. A database that was moved may be moved back. Everything else is final until the
 * server is restarted, since nobody can know what was written in between.
 *
 * A check looks at the file system six times and takes 9 µs.
 *
 * @param real the database's real path; a connection to it is open and has read from it
 * @param save copies the write-ahead log, which is open but no longer has a name, into the database file
 */
export function watchFiles(real: string, save: () => void): FileWatch {
  const [wal, shm] = [`${real}-wal`, `${real}-shm`];
  const opened = [openWalIndex(real), openWalFrames(real), openFileHead(real)] as const;
  const [walIndex, walFrames, head] = opened;
  const restore = howToRestore(real);
  const [walAtFirst, shmAtFirst] = [statSync(wal), statSync(shm)];
  let known = walIndex.read();
  let main = statSync(real);
  let wrong: string | null = null;

  /** @param index read before the file: any later change of the file shows in the index first */
  function verifyMain(index: WalState): void {
    const now = statSync(real, { throwIfNoEntry: false });
    if (now === undefined) {
      throw new Error(
        `${real} was moved or deleted while the server runs. Put it back; to restore a backup instead, ${restore}`,
      );
    }
    if (!isSame(now, main)) {
      throw new Error(`${real} was replaced while the server runs. To restore a backup, ${restore}`);
    }
    if (!isUnchanged(now, main)) verifyChange();
    // Restarting the log changes only the index.
    else if (!isCopiedAsFar(index, known)) note(index, main);
  }

  function verifyChange(): void {
    const index = walIndex.read();
    const file = statSync(real);
    if (isCheckpoint(index) || (file.size === main.size && head.isSame())) {
      if (isSame(file, main)) note(index, file);
    } else wrong = `${real} was overwritten while the server runs. To restore a backup, ${restore}`;
  }

  /** Whether SQLite itself changed the database file. */
  function isCheckpoint(index: WalState): boolean {
    // Windows updates the time of a change late, when some program closes the file.
    return process.platform === "win32" || isCopying(index) || !isCopiedAsFar(index, known);
  }

  function note(index: WalState, file: Stats): void {
    [known, main] = [index, file];
    head.remember();
  }

  function verifyBeside(index: WalState): void {
    const walNow = statSync(wal, { throwIfNoEntry: false });
    if (walNow === undefined || !isSame(walNow, walAtFirst)) {
      wrong = `${wal} was deleted or replaced while the server runs. Restart the server`;
      // Not if somebody else has started a log of their own.
      if (walNow === undefined || walNow.size === 0) save();
    } else if (!walFrames.isAsIn(index, walNow.size) && isCommittedAsFar(walIndex.read(), index)) {
      wrong = `${wal} was overwritten or cut while the server runs; what was accepted last is lost. Restart the server; if the database is damaged, it then says what to do`;
    } else if (!isSame(statSync(shm, { throwIfNoEntry: false }), shmAtFirst)) {
      wrong = `${shm} was deleted or replaced while the server runs. Restart the server`;
    }
  }

  return {
    verify() {
      const index = walIndex.read();
      if (wrong === null) verifyMain(index);
      if (wrong === null) verifyBeside(index);
      if (wrong !== null) throw new Error(wrong);
    },
    broken: () => wrong,
    close() {
      for (const file of opened) file.close();
    },
  };
}

function isSame(now: Stats | undefined, then: Stats): boolean {
  return now?.ino === then.ino && now.dev === then.dev;
}

function isUnchanged(now: Stats, then: Stats): boolean {
  return now.mtimeMs === then.mtimeMs && now.size === then.size;
}

/**
 * The first 16 pages of 4 KiB. They include the header and the table in which SQLite numbers the jobs, so they differ
 * once another job was accepted.
 */
const HEAD_BYTES = 65_536;

type FileHead = {
  /** Remembers the content as it is now. */
  remember(): void;
  /** Whether the content is still as it was remembered. */
  isSame(): boolean;
  /** Call this only after the connection was closed: it ends every lock of this process on the file. */
  close(): void;
};

/** The beginning of a database file, as bytes. Reading it takes 4 µs, as long as the five other looks together. */
function openFileHead(real: string): FileHead {
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
