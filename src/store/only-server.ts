import { newServerName, VERSION } from "./server-name.ts";
import type { MinuteCounts, Servers } from "./store.ts";

// A file of SQLite has one server, so what several would share is in its memory. Commands beside it are no servers.

/** Bounds the memory; the oldest are forgotten first. */
const MOST_ASKED = 10_000;

export function createOnlyServer(): Servers {
  const own = newServerName();
  const startedAt = Date.now();
  /** Until when a name is taken, on the monotonic clock. */
  const asked = new Map<string, number>();

  return {
    own,
    list: async () => [{ name: own, version: VERSION, startedAt, beatAt: Date.now(), isAlive: true }],
    leads: () => true,
    async once(name, forMs) {
      const now = performance.now();
      if ((asked.get(name) ?? now) > now) return false;
      asked.delete(name);
      asked.set(name, now + forMs);
      for (const [oldest, until] of asked) {
        if (asked.size <= MOST_ASKED && until > now) break;
        asked.delete(oldest);
      }
      return true;
    },
    onJobsElsewhere() {},
  };
}

export function createMinuteCounts(): MinuteCounts {
  return {
    areKept: false,
    async write() {},
    ofOthers: async () => ({ counts: [], since: null }),
  };
}
