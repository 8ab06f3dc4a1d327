/** How one attempt went for the quota it drew on. */
export type Verdict = "answered" | "failing" | { readonly heldForMs: number };

/**
 * How many jobs of each quota may be under way. A platform that fails is tried with fewer and fewer at a time, down to
 * one; each job that gets through lets one more in, so that a platform that comes back is not run over by everything
 * that has waited for it. A rate limit holds back its own quota only.
 */
export type Pace = {
  /** Quotas of which no job may be started now. */
  closed(now: number): string[];
  /** True while a quota may have fewer jobs under way than there is room for. */
  isNarrow(): boolean;
  /** When the next quota that is held back opens again, in ms since 1970; null when none is. */
  nextOpeningAt(now: number): number | null;
  started(quota: string): void;
  ended(quota: string, verdict: Verdict, now: number): void;
};

type Lanes = { running: number; limit: number; heldUntil: number };

export function createPace(most: number): Pace {
  const quotas = new Map<string, Lanes>();

  function of(quota: string): Lanes {
    const known = quotas.get(quota) ?? { running: 0, limit: most, heldUntil: 0 };
    quotas.set(quota, known);
    return known;
  }

  return {
    closed: (now) =>
      [...quotas]
        .filter(([, { running, limit, heldUntil }]) => running >= limit || heldUntil > now)
        .map(([name]) => name),
    isNarrow: () => [...quotas.values()].some(({ limit }) => limit < most),
    nextOpeningAt(now) {
      const openings = [...quotas.values()].map(({ heldUntil }) => heldUntil).filter((until) => until > now);
      return openings.length === 0 ? null : Math.min(...openings);
    },
    started(quota) {
      of(quota).running += 1;
    },
    ended(quota, verdict, now) {
      const state = of(quota);
      state.running -= 1;
      if (verdict === "answered") state.limit = Math.min(state.limit + 1, most);
      else state.limit = Math.max(Math.floor(state.limit / 2), 1);
      if (typeof verdict === "object") state.heldUntil = Math.max(state.heldUntil, now + verdict.heldForMs);
      if (state.running === 0 && state.limit === most && state.heldUntil <= now) quotas.delete(quota);
    },
  };
}
