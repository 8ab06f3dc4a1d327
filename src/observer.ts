import type { CallReport } from "./http/http.ts";
import type { Job, PlatformName } from "./job.ts";
import type { JobState } from "./store/store.ts";

/** Told of what the server does, once it is done. */
export type Observer = {
  /** A delivery was answered: "accepted", "duplicate" or "ignored", or else with this HTTP status. */
  deliveryAnswered(platform: PlatformName, answer: string): void;
  /** An attempt at the job ended, and left it in this state after so many ms. */
  attemptEnded(job: Job, end: JobState, ms: number): void;
  /** A call to the platform ended. */
  callEnded(platform: PlatformName, call: CallReport): void;
};

/** Tells each of the observers what it wants to hear, in this order. */
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
