import { AsyncLocalStorage } from "node:async_hooks";
import type { Observer } from "../observer.ts";
import { type AttemptCall, type AttemptCalls, CALLS_KEPT } from "../store/store.ts";

type Recording = { last: AttemptCall[]; before: number };

/** What an attempt has started knows it, however many attempts run at once. Clients need not pass it on. */
const recordings = new AsyncLocalStorage<Recording>();

/**
 * Does the work and records the calls that it makes, those of others that it causes included (a renewal of tokens, for
 * example). `calls` tells of them at any time. Bounded: work that goes on in the background may make calls for ever.
 */
export function recordCalls<T>(work: () => Promise<T>): { done: Promise<T>; calls: () => AttemptCalls } {
  const recording: Recording = { last: [], before: 0 };
  const done = recordings.run(recording, work);
  return { done, calls: () => ({ last: [...recording.last], before: recording.before }) };
}

/** Hears of every call, and notes those of attempts. */
export const attemptCalls: Pick<Observer, "callEnded"> = {
  callEnded(_platform, { name, ms, outcome }) {
    const recording = recordings.getStore();
    if (recording === undefined) return;
    recording.last.push({ name, ms, status: outcome === "no_answer" ? null : Number(outcome) });
    if (recording.last.length <= CALLS_KEPT) return;
    recording.last.shift();
    recording.before += 1;
  },
};
