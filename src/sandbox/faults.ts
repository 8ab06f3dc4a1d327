export type FaultKind =
  | "status-500"
  | "status-503"
  | "status-429"
  | "status-423"
  | "reset"
  | "hang"
  | "no-answer"
  | "lost-answer"
  | "empty-body"
  | "html-body"
  | "other-shape"
  | "cut-body"
  | "huge-body"
  | "broken-gzip"
  | "gateway"
  | "refused"
  | "slow";

/** What goes wrong, how often, and with which calls. A limit left out does not apply. */
export type Fault = {
  kind: FaultKind;
  /** Share of the matching calls that are hit, 0 to 1. */
  rate?: number;
  /** The most calls that are hit. */
  times?: number;
  /** Milliseconds from the injection until the fault is over. */
  forMs?: number;
  /** Hits only calls recorded under this name. */
  endpoint?: string;
  /** The Retry-After header, sent as it is, of an answer before the work; none by default. */
  retryAfter?: string;
  /** Status of a gateway's answer in HTML, default 502; or of the platform's own refusal. */
  status?: number;
  /** The platform's name for the error, if it refuses. */
  type?: string;
  /**
   * Milliseconds that a slow answer takes, half before the work and half after, by default 100; or that a refusal takes, by
   * default none.
   */
  delayMs?: number;
  /** Hits only calls that carry this bearer token. */
  token?: string;
};

export type Faults = {
  inject(fault: Fault): void;
  clear(): void;
  /** Aborts when the faults that are active now are cleared. */
  untilCleared(): AbortSignal;
  /** How many calls were hit so far. */
  injected(): number;
  /** The fault that hits a call of this name with this token, if any. Each question counts as a call. */
  strike(name: string, token?: string): Fault | undefined;
};

/**
 * Creates the list of faults that hit a stand-in's calls; the first injected has priority. Pass a seeded `random` (0 to 1)
 * for repeatable runs.
 */
export function createFaults(random: () => number = Math.random): Faults {
  let active: { fault: Fault; hits: number; endsAt: number }[] = [];
  let injected = 0;
  let clearing = new AbortController();

  return {
    inject(fault) {
      active.push({ fault, hits: 0, endsAt: Date.now() + (fault.forMs ?? Number.POSITIVE_INFINITY) });
    },
    clear() {
      active = [];
      clearing.abort();
      clearing = new AbortController();
    },
    untilCleared: () => clearing.signal,
    injected: () => injected,
    strike(name, token) {
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
