import { type Stats, statSync } from "node:fs";
import { openFileHead } from "./file-head.ts";
import { howToRestore } from "./restoring.ts";
import { openWalFrames } from "./wal-frames.ts";
import { isCommittedAsFar, isCopiedAsFar, isCopying, openWalIndex, type WalState } from "./wal-index.ts";

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
 * Verifying takes six looks at the file system, 9 µs in all.
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

  /** @param index read before the file is looked at: whatever changes the file from then on shows in the index first */
  function verifyMain(index: WalState): void {
    const now = statSync(real, { throwIfNoEntry: false });
    if (now === undefined) {
      throw new Error(
        `${real} was moved or deleted while the server runs. Put it back; to use a backup instead, ${restore}`,
      );
    }
    if (!isSame(now, main)) {
      throw new Error(`${real} was replaced while the server runs. To go on with a backup, ${restore}`);
    }
    if (!isUnchanged(now, main)) verifyChange();
    // Beginning the log anew changes the index alone.
    else if (!isCopiedAsFar(index, known)) note(index, main);
  }

  function verifyChange(): void {
    const index = walIndex.read();
    const file = statSync(real);
    if (isCheckpoint(index) || (file.size === main.size && head.isSame())) {
      if (isSame(file, main)) note(index, file);
    } else wrong = `${real} was overwritten while the server runs. To go on with a backup, ${restore}`;
  }

  /** Whether the database file was changed by SQLite itself. */
  function isCheckpoint(index: WalState): boolean {
    // Windows tells the time of a change late, when some program closes the file.
    return process.platform === "win32" || isCopying(index) || !isCopiedAsFar(index, known);
  }

  function note(index: WalState, file: Stats): void {
    [known, main] = [index, file];
    head.remember();
  }

  function verifyBeside(index: WalState): void {
    const walNow = statSync(wal, { throwIfNoEntry: false });
    if (walNow === undefined || !isSame(walNow, walAtFirst)) {
      wrong = `${wal} was deleted or replaced while the server runs. Start the server again`;
      // Unless somebody else has begun a log of their own.
      if (walNow === undefined || walNow.size === 0) save();
    } else if (!walFrames.isAsIn(index, walNow.size) && isCommittedAsFar(walIndex.read(), index)) {
      wrong = `${wal} was overwritten or cut while the server runs; what was accepted last is lost. Start the server again; if it then finds the database damaged, it says what to do`;
    } else if (!isSame(statSync(shm, { throwIfNoEntry: false }), shmAtFirst)) {
      wrong = `${shm} was deleted or replaced while the server runs. Start the server again`;
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
