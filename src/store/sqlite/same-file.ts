import { type Stats, statSync } from "node:fs";
import { howToRestore } from "./restoring.ts";
import { openWalIndex } from "./wal-index.ts";

export type FileWatch = {
  /** Throws, with what happened and what to do, once what is written would not be found again. */
  verify(): void;
  /** What is wrong until the server is started again; null when nothing is. */
  broken(): string | null;
  /** To be called after the connection was closed. */
  close(): void;
};

/**
 * Watches the files of an open database from the outside: SQLite goes on writing into files that were deleted, moved or
 * overwritten, and says that all is well. A database that was moved may be moved back. Everything else holds until the
 * server is started again, since nobody can know what was written in between.
 *
 * Verifying takes four looks at the file system, 9 µs in all.
 *
 * @param real the database's real path; a connection to it is open and has read from it
 * @param save copies the write-ahead log, which is open but no longer has a name, into the database file
 */
export function watchFiles(real: string, save: () => void): FileWatch {
  const walIndex = openWalIndex(real);
  const [wal, shm] = [`${real}-wal`, `${real}-shm`];
  const restore = howToRestore(real);
  const [walAtFirst, shmAtFirst] = [statSync(wal), statSync(shm)];
  let checkpoints = walIndex.read();
  let main = statSync(real);
  let wrong: string | null = null;

  function verifyMain(): void {
    // Read before the file is looked at: whatever changes that from then on shows here first.
    const progress = walIndex.read();
    const now = statSync(real, { throwIfNoEntry: false });
    if (now === undefined) {
      throw new Error(
        `${real} was moved or deleted while the server runs. Put it back; to use a backup instead, ${restore}`,
      );
    }
    if (!isSame(now, main)) {
      throw new Error(
        `${real} was replaced while the server runs. To use the file that is there now, ${restore}`,
      );
    }
    // Beginning the log anew changes the index alone.
    if (isUnchanged(now, main)) checkpoints = progress;
    else if (!wasCheckpoint()) wrong = `${real} was overwritten while the server runs. Now ${restore}`;
  }

  /** Whether the change is SQLite's own; if so, takes what is there now as the known state. */
  function wasCheckpoint(): boolean {
    const now = walIndex.read();
    // Windows tells the time of a change late, when some program closes the file.
    const isOwn = process.platform === "win32" || now.isUnderWay || now.progress !== checkpoints.progress;
    const file = statSync(real);
    if (isOwn && isSame(file, main)) [checkpoints, main] = [now, file];
    return isOwn;
  }

  function verifyBeside(): void {
    const walNow = statSync(wal, { throwIfNoEntry: false });
    if (!isSame(walNow, walAtFirst)) {
      wrong = `${wal} was deleted or replaced while the server runs. Start the server again`;
      // Unless somebody else has begun a log of their own.
      if (walNow === undefined || walNow.size === 0) save();
    } else if (!isSame(statSync(shm, { throwIfNoEntry: false }), shmAtFirst)) {
      wrong = `${shm} was deleted or replaced while the server runs. Start the server again`;
    }
  }

  return {
    verify() {
      if (wrong === null) verifyMain();
      if (wrong === null) verifyBeside();
      if (wrong !== null) throw new Error(wrong);
    },
    broken: () => wrong,
    close: walIndex.close,
  };
}

function isSame(now: Stats | undefined, then: Stats): boolean {
  return now?.ino === then.ino && now.dev === then.dev;
}

function isUnchanged(now: Stats, then: Stats): boolean {
  return now.mtimeMs === then.mtimeMs && now.size === then.size;
}
