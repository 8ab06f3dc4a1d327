import type { JsonObject } from "../../src/job.ts";
import type { Findings } from "../../src/store/store.ts";

/** Findings in memory. */
export function createFindings(): Findings {
  const found = new Map<string, JsonObject>();
  return {
    async write(name, value) {
      found.set(name, value);
    },
    read: async (name) => found.get(name) ?? null,
  };
}
