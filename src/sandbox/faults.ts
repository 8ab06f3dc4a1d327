export type FaultKind =
  | "status-500"
  | "status-503"
  | "status-429"
  | "status-423"
  | "reset"
  | "hang"
  | "lost-answer"
  | "empty-body"
  | "html-body"
  | "other-shape"
  | "cut-body"
  | "huge-body"
  | "broken-gzip"
  | "gateway"
  | "slow";

/** What goes wrong, how often, and with which calls. Everything left out means "no such limit". */
export type Fault = {
  kind: FaultKind;
  /** Share of the matching calls that are hit, 0 to 1. */
  rate?: number;
  /** Hits at most so many calls. */
  times?: number;
  /** Milliseconds from the injection until the fault is over. */
  forMs?: number;
  /** Hits only calls recorded under this name. */
  endpoint?: string;
  /** The Retry-After header of an answer before the work, word for word; without it there is no such header. */
  retryAfter?: string;
  /** With what a gateway in front of the platform answers, in HTML; default 502. */
  status?: number;
  /** Milliseconds that a slow answer takes, half of them before the work is done, half after; default 100. */
  delayMs?: number;
  /** Hits only calls that carry this bearer token. */
  token?: string;
};

export type Faults = {
  inject(fault: Fault): void;
  clear(): void;
  /** How many calls were hit so far. */
  injected(): number;
  /** The fault that hits this call, if any. Each question counts as one call. */
  strike(call: { name: string; token: string | undefined }): Fault | undefined;
};

/**
 * Creates the list of faults a stand-in suffers from; faults are asked in the order they were injected.
 * Pass a seeded `random` (0 to 1) for runs that repeat.
 */
export function createFaults(random: () => number = Math.random): Faults {
  let active: { fault: Fault; hits: number; endsAt: number }[] = [];
  let injected = 0;

  return {
    inject(fault) {
      active.push({ fault, hits: 0, endsAt: Date.now() + (fault.forMs ?? Number.POSITIVE_INFINITY) });
    },
    clear() {
      active = [];
    },
    injected: () => injected,
    strike({ name, token }) {
      const now = Date.now();
      active = active.filter(({ fault, hits, endsAt }) => now < endsAt && hits < (fault.times ?? Infinity));
      for (const entry of active) {
        const { endpoint = name, token: only = token, rate = 1 } = entry.fault;
        if (endpoint !== name || only !== token || (rate < 1 && random() >= rate)) continue;
        entry.hits += 1;
        injected += 1;
        return entry.fault;
      }
      return undefined;
    },
  };
}
