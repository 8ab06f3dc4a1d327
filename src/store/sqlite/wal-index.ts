import { closeSync, openSync, readSync } from "node:fs";

/**
 * Where the facts stand in the file `-shm`, in words of 4 bytes and in this machine's byte order
 * (https://sqlite.org/walformat.html, 2.1 and 2.2). The page size is a half word, where 1 stands for 65,536.
 */
const INDEX_WORDS = 34;
const PAGE_SIZE_HALF = 7;
const [FRAMES, CHECKSUM_1, CHECKSUM_2, SALT_1, SALT_2, COPIED, COPYING_TO] = [4, 6, 7, 8, 9, 24, 32];

/** What the index says of the write-ahead log. */
export type WalState = {
  /** Another pair each time that the log is begun anew. The bytes are in the order in which the log has them. */
  salt1: number;
  salt2: number;
  /** How many pages have been committed to the log since then. */
  frames: number;
  pageBytes: number;
  /** Over all that was committed since then. */
  checksum1: number;
  checksum2: number;
  /** How many of the frames are in the database file. */
  copied: number;
  /** How many of them will be once the copying that goes on, or was killed, is done. */
  copyingTo: number;
};

export type WalIndex = {
  read(): WalState;
  /** To be called after the connection was closed: it ends every lock of this process on the file. */
  close(): void;
};

/**
 * Reads what SQLite's index says of the write-ahead log. Every process that writes into the log, or copies it into the
 * database file, says so here, so this tells SQLite's own changes of those files from any other's.
 */
export function openWalIndex(real: string): WalIndex {
  const file = openSync(`${real}-shm`, "r");
  const words = new Uint32Array(INDEX_WORDS);
  const halves = new Uint16Array(words.buffer);
  const word = (at: number) => words[at] ?? 0;
  return {
    read() {
      readSync(file, words, 0, words.byteLength, 0);
      const pageSize = halves[PAGE_SIZE_HALF] ?? 0;
      return {
        salt1: word(SALT_1),
        salt2: word(SALT_2),
        frames: word(FRAMES),
        pageBytes: pageSize === 1 ? 65_536 : pageSize,
        checksum1: word(CHECKSUM_1),
        checksum2: word(CHECKSUM_2),
        copied: word(COPIED),
        copyingTo: word(COPYING_TO),
      };
    },
    close: () => closeSync(file),
  };
}

/** The log is being copied into the database file, or whoever did so was killed. */
export function isCopying({ copied, copyingTo }: WalState): boolean {
  return copied !== copyingTo;
}

/** Whether nothing was copied into the database file from then to now. */
export function isCopiedAsFar(now: WalState, then: WalState): boolean {
  return isOfSameLog(now, then) && now.copied === then.copied && now.copyingTo === then.copyingTo;
}

/** Whether nothing was committed from then to now. */
export function isCommittedAsFar(now: WalState, then: WalState): boolean {
  return isOfSameLog(now, then) && now.frames === then.frames;
}

function isOfSameLog(now: WalState, then: WalState): boolean {
  return now.salt1 === then.salt1 && now.salt2 === then.salt2;
}
