import { setTimeout as sleep } from "node:timers/promises";
import { sharedNow } from "../clock.ts";

/** The last call of each kind of reaction, and where its body names the chat or room. */
const LAST_CALLS: Readonly<Record<string, RegExp>> = {
  remove_from_chat: /"chat_id":"([^"]+)"/,
  remove_user_from_chat: /"chat_id":"([^"]+)"/,
  "POST /messages": /"roomId":"([^"]+)"/,
};
const LOOK_EVERY_MS = 20;

type Awaited = { name: string; count: number; resolve: (at: number) => void };

/** Counts answered calls by name, and notes when reactions ended. Times are on the shared clock. */
export function createCalls() {
  let counts = new Map<string, number>();
  let awaited: Awaited[] = [];
  const endedAt = new Map<string, number>();

  return {
    note({ name: call, text, status }: { name: string; text: string; status: number }): void {
      const name = status === 503 ? "refused" : call;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      for (const one of awaited) if (one.name === name && one.count === count) one.resolve(sharedNow());
      awaited = awaited.filter((one) => one.name !== name || one.count > count);
      const place = LAST_CALLS[name]?.exec(text)?.[1];
      if (place !== undefined) endedAt.set(place, sharedNow());
    },
    reset(): void {
      counts = new Map();
      endedAt.clear();
    },
    reached(name: string, count: number): Promise<number> {
      const { promise, resolve } = Promise.withResolvers<number>();
      awaited.push({ name, count, resolve });
      return promise;
    },
    /** By chat or room: all of them, or those that have ended when `patienceMs` are over. */
    async endings(places: readonly string[], patienceMs: number): Promise<Record<string, number>> {
      const until = performance.now() + patienceMs;
      while (performance.now() < until && !places.every((place) => endedAt.has(place)))
        await sleep(LOOK_EVERY_MS);
      return Object.fromEntries(
        places.flatMap((place) => {
          const at = endedAt.get(place);
          return at === undefined ? [] : [[place, at]];
        }),
      );
    },
  };
}
