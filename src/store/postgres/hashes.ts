import { createHash } from "node:crypto";

/**
 * The text as it is kept and comes back. PostgreSQL's texts cannot hold U+0000, for which its picture stands, and UTF-8 has no
 * halves of surrogate pairs.
 */
export function kept(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\u2400");
}

/** The SHA-256 of a text as it is kept, by which a key or a lane of any length is found. */
export function hashOf(text: string): Buffer {
  return createHash("sha256").update(kept(text)).digest();
}

/** The advisory lock of a lane. Two lanes may have the same; that only makes one wait for the other. */
export function lockOf(lane: string): bigint {
  return hashOf(lane).readBigInt64BE();
}
