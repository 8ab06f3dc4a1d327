import type { Installation } from "../../store/store.ts";

const SHORTEST_LIFETIME_MS = 60_000;
/** No platform says that a token lasts longer; a longer lifetime is not believed. */
const LONGEST_LIFETIME_MS = 400 * 24 * 3_600_000;
/** If a token was issued further in the future than this, the clock was set back. */
export const CLOCK_TOLERANCE_MS = 60_000;
/** The share of its lifetime after which a token is renewed, less up to a twentieth, as parts of 20,000. */
const WHOLE = 20_000;
const LATEST_SHARE = 16_000;

/** What a platform's answer in seconds is taken for, in ms: at least a minute, at most 400 days. */
export function lifetimeMs(seconds: number): number {
  return Math.min(Math.max(Math.round(seconds * 1000), SHORTEST_LIFETIME_MS), LONGEST_LIFETIME_MS);
}

/**
 * Whether the tokens are to be renewed. Renewals are spread by the millisecond at which the tokens were issued, which is
 * as good as random and survives a restart. Times that cannot be right, from an earlier release or a wrong clock, tell
 * nothing: such tokens are due at once. The store selects by the same rule (`care_at`), hence the whole numbers.
 */
export function isDue({ obtainedAt, expiresAt }: Installation, now: number): boolean {
  const lifetime = expiresAt - obtainedAt;
  if (lifetime <= 0 || lifetime > LONGEST_LIFETIME_MS) return true;
  if (now < obtainedAt - CLOCK_TOLERANCE_MS) return true;
  const share = LATEST_SHARE - (obtainedAt % 1000);
  return now >= obtainedAt + Math.ceil((lifetime * share) / WHOLE);
}
