import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 1000;

/** Requests that have to wait for their answer, so that trying again and again takes time and connections. */
export type Pauses = {
  /** Whether the connection may wait: one request at a time, and not too many connections in all. */
  hasRoomFor(socket: Socket): boolean;
  /** Resolves after a second. */
  wait(socket: Socket): Promise<void>;
};

/** `most`: connections that may wait at the same time. */
export function createPauses(most = Number.POSITIVE_INFINITY): Pauses {
  const waiting = new Set<Socket>();
  return {
    hasRoomFor: (socket) => waiting.size < most && !waiting.has(socket),
    async wait(socket) {
      waiting.add(socket);
      await sleep(PAUSE_MS);
      waiting.delete(socket);
    },
  };
}
