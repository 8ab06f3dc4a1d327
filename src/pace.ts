/** How one attempt went for the quota it drew on; "not_asked": no call was made, so nothing is known. */
export type Verdict = "answered" | "failing" | "not_asked";

/**
 * How many jobs of each quota may be under way. A platform that fails is tried with fewer and fewer at a time, down to
 * one; each job that gets through lets one more in, so that a platform that comes back is not run over by everything
 * that has waited for it.
 */
export type Pace = {
  /** Quotas that have as many jobs under way as they may. */
  full(): string[];
  /** True while a quota may have fewer jobs under way than there is room for. */
  isNarrow(): boolean;
  started(quota: string): void;
  ended(quota: string, verdict: Verdict): void;
};

type Lanes = { running: number; limit: number };

export function createPace(most: number): Pace {
  const quotas = new Map<string, Lanes>();

  function of(quota: string): Lanes {
    const known = quotas.get(quota) ?? { running: 0, limit: most };
    quotas.set(quota, known);
    return known;
  }

  return {
    full: () => [...quotas].filter(([, { running, limit }]) => running >= limit).map(([name]) => name),
    isNarrow: () => [...quotas.values()].some(({ limit }) => limit < most),
    started(quota) {
      of(quota).running += 1;
    },
    ended(quota, verdict) {
      const state = of(quota);
      state.running -= 1;
      if (verdict === "answered") state.limit = Math.min(state.limit + 1, most);
      if (verdict === "failing") state.limit = Math.max(Math.floor(state.limit / 2), 1);
      if (state.running === 0 && state.limit === most) quotas.delete(quota);
    },
  };
}
