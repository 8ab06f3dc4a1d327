import { sharedNow } from "../clock.ts";

type Awaited = { call: string; count: number; resolve: (at: number) => void };

/** Counts calls by name. */
export function createCounts() {
  let counts = new Map<string, number>();
  let awaited: Awaited[] = [];

  return {
    note(call: string): void {
      const count = (counts.get(call) ?? 0) + 1;
      counts.set(call, count);
      for (const one of awaited) if (one.call === call && one.count === count) one.resolve(sharedNow());
      awaited = awaited.filter((one) => one.call !== call || one.count > count);
    },
    reset(): void {
      counts = new Map();
    },
    /** When the so-manieth call of this name since the last reset is noted, on the shared clock; to be asked before. */
    reached(call: string, count: number): Promise<number> {
      const { promise, resolve } = Promise.withResolvers<number>();
      awaited.push({ call, count, resolve });
      return promise;
    },
    all: () => Object.fromEntries(counts),
  };
}
