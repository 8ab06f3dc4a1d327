import { closeSync, openSync, readSync } from "node:fs";

/** What SQLite's index says of the write-ahead log. */
export type WalState = {
  /** New each time the log is restarted. The bytes are in the order in which the log has them. */
  salt1: number;
  salt2: number;
  /** Pages committed to the log since then. */
  frames: number;
  pageBytes: number;
  /** Over everything committed since then. */
  checksum1: number;
  checksum2: number;
  /** Frames that are in the database file. */
  copied: number;
  /** Frames that will be there once a checkpoint, under way or killed, is done. */
  copyingTo: number;
};

export type WalIndex = {
  read(): WalState;
  /** Call this only after the connection was closed: it ends every lock of this process on the file. */
  close(): void;
};

/**
 * The words of 4 bytes in the file `-shm` that are read, in this machine's byte order (https://sqlite.org/walformat.html,
 * 2.1 and 2.2). The page size is a half word; 1 stands for 65,536.
 */
const INDEX_WORDS = 34;
const PAGE_SIZE_HALF_WORD = 7;
const IN_INDEX = { frames: 4, checksum1: 6, checksum2: 7, salt1: 8, salt2: 9, copied: 24, copyingTo: 32 };

/**
 * Reads what SQLite's index says of the write-ahead log. Every process that writes to the log, or copies it into the
 * database file, says so there; so the index tells SQLite's own changes of those files from any others.
 */
export function openWalIndex(real: string): WalIndex {
  const file = openSync(`${real}-shm`, "r");
  const words = new Uint32Array(INDEX_WORDS);
  const halfWords = new Uint16Array(words.buffer);
  const word = (at: number) => words[at] ?? 0;
  return {
    read() {
      readSync(file, words, 0, words.byteLength, 0);
      const pageSize = halfWords[PAGE_SIZE_HALF_WORD] ?? 0;
      return {
        salt1: word(IN_INDEX.salt1),
        salt2: word(IN_INDEX.salt2),
        frames: word(IN_INDEX.frames),
        pageBytes: pageSize === 1 ? 65_536 : pageSize,
        checksum1: word(IN_INDEX.checksum1),
        checksum2: word(IN_INDEX.checksum2),
        copied: word(IN_INDEX.copied),
        copyingTo: word(IN_INDEX.copyingTo),
      };
    },
    close: () => closeSync(file),
  };
}

/** Whether the log is being copied into the database file, or was until its copier was killed. */
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

export type WalFrames = {
  /**
   * Whether the log, of so many bytes, begins and ends as the index says. If it does not, that counts only while the index
   * still says the same: SQLite tells the index first that it restarts the log.
   */
  isAsIn(index: WalState, bytes: number): boolean;
  close(): void;
};

/** The log's header, with its salts in words of 4 bytes (https://sqlite.org/fileformat2.html#walformat). */
const HEADER_BYTES = 32;
const IN_HEADER = { salt1: 4, salt2: 5 };
/** The header of each page in the log, with its checksum in bytes. */
const FRAME_HEADER_BYTES = 24;
const IN_FRAME_HEADER = { checksum1: 16, checksum2: 20 };

/**
 * Looks at both ends of the write-ahead log: at its header, and at the checksum of its last page, which covers everything
 * before it. This detects a log that was cut or overwritten, even if SQLite has since written more behind the hole, but not
 * a change in its middle.
 */
export function openWalFrames(real: string): WalFrames {
  const file = openSync(`${real}-wal`, "r");
  const header = new Uint32Array(HEADER_BYTES / 4);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES);

  function beginsAsIn({ salt1, salt2 }: WalState): boolean {
    readSync(file, header, 0, HEADER_BYTES, 0);
    return header[IN_HEADER.salt1] === salt1 && header[IN_HEADER.salt2] === salt2;
  }

  function endsAsIn({ frames, pageBytes, checksum1, checksum2 }: WalState, bytes: number): boolean {
    const at = HEADER_BYTES + (frames - 1) * (FRAME_HEADER_BYTES + pageBytes);
    if (bytes < at + FRAME_HEADER_BYTES + pageBytes) return false;
    readSync(file, frame, 0, FRAME_HEADER_BYTES, at);
    return (
      frame.readUInt32BE(IN_FRAME_HEADER.checksum1) === checksum1 &&
      frame.readUInt32BE(IN_FRAME_HEADER.checksum2) === checksum2
    );
  }

  return {
    isAsIn(index, bytes) {
      // A restarted log keeps its old content until the first commit.
      return index.frames === 0 || (endsAsIn(index, bytes) && beginsAsIn(index));
    },
    close: () => closeSync(file),
  };
}
