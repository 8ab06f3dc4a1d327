import { createHash } from "node:crypto";

/** The SHA-256 of a text, by which a key or a lane of any length is found. */
export function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The advisory lock of a lane. Two lanes may have the same; that only makes one wait for the other. */
export function lockOf(lane: string): bigint {
  return hashOf(lane).readBigInt64BE();
}
