import { createHistogram } from "node:perf_hooks";
import { sharedNow } from "../clock.ts";
import type { Report } from "./order.ts";

export type Tally = {
  /** An answer that took so many milliseconds. */
  note(answer: string, ms: number): void;
  report(): Report;
};

const NS_PER_MS = 1e6;

/** Begins to count now. */
export function createTally(): Tally {
  const startedAt = sharedNow();
  const latencies = createHistogram();
  const answers = new Map<string, number>();
  return {
    note(answer, ms) {
      latencies.record(Math.max(Math.round(ms * NS_PER_MS), 1));
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    },
    report: () => ({
      startedAt,
      perSecond: (latencies.count * 1000) / (sharedNow() - startedAt),
      p50: latencies.percentile(50) / NS_PER_MS,
      p99: latencies.percentile(99) / NS_PER_MS,
      answers: Object.fromEntries(answers),
    }),
  };
}
