import type { CallReport } from "./http/http.ts";
import type { Job, PlatformName } from "./job.ts";
import type { JobState } from "./store/store.ts";

/** Gets told what the server has done. */
export type Observer = {
  /** A delivery was answered; `answer` is "accepted", "duplicate", "ignored" or the HTTP status of an error. */
  deliveryAnswered(platform: PlatformName, answer: string): void;
  /** An attempt at the job ended after `ms` milliseconds and left the job in the state `end`. */
  attemptEnded(job: Job, end: JobState, ms: number): void;
  /** A call to the platform ended. */
  callEnded(platform: PlatformName, call: CallReport): void;
};

/** Notifies each observer, in the given order, of the events it has a method for. */
export function createObserver(...observers: readonly Partial<Observer>[]): Observer {
  return {
    deliveryAnswered(platform, answer) {
      for (const one of observers) one.deliveryAnswered?.(platform, answer);
    },
    attemptEnded(job, end, ms) {
      for (const one of observers) one.attemptEnded?.(job, end, ms);
    },
    callEnded(platform, call) {
      for (const one of observers) one.callEnded?.(platform, call);
    },
  };
}
