import { closeSync, openSync, readSync } from "node:fs";
import type { WalState } from "./wal-index.ts";

/** The log's header, and where its salts stand in it, in words of 4 bytes (https://sqlite.org/fileformat2.html#walformat). */
const HEADER_BYTES = 32;
const [SALT_1, SALT_2] = [4, 5];
/** What stands before each page, and where its checksum stands in it, in bytes. */
const FRAME_HEADER_BYTES = 24;
const [CHECKSUM_1, CHECKSUM_2] = [16, 20];

export type WalFrames = {
  /**
   * Whether the log, of so many bytes, begins and ends as the index says. When it does not, that counts only if the index
   * still says the same: SQLite tells the index first that it begins the log anew.
   */
  isAsIn(index: WalState, bytes: number): boolean;
  close(): void;
};

/**
 * Looks at both ends of the write-ahead log: at its header, and at the checksum of its last page, which covers all before it.
 * So it sees that the log was cut or overwritten, even where SQLite has written more behind a hole since; not what was
 * changed in its middle.
 */
export function openWalFrames(real: string): WalFrames {
  const file = openSync(`${real}-wal`, "r");
  const header = new Uint32Array(HEADER_BYTES / 4);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES);

  function beginsAsIn({ salt1, salt2 }: WalState): boolean {
    readSync(file, header, 0, HEADER_BYTES, 0);
    return header[SALT_1] === salt1 && header[SALT_2] === salt2;
  }

  function endsAsIn({ frames, pageBytes, checksum1, checksum2 }: WalState, bytes: number): boolean {
    const at = HEADER_BYTES + (frames - 1) * (FRAME_HEADER_BYTES + pageBytes);
    if (bytes < at + FRAME_HEADER_BYTES + pageBytes) return false;
    readSync(file, frame, 0, FRAME_HEADER_BYTES, at);
    return frame.readUInt32BE(CHECKSUM_1) === checksum1 && frame.readUInt32BE(CHECKSUM_2) === checksum2;
  }

  return {
    isAsIn(index, bytes) {
      // Begun anew, the log keeps its old content until the first commit.
      return index.frames === 0 || (endsAsIn(index, bytes) && beginsAsIn(index));
    },
    close: () => closeSync(file),
  };
}
