import { momentOf } from "../durations.ts";
import type { Hold } from "../store/store.ts";
import { platformOf, quotaTitle } from "./titles.ts";

/** What a platform asks for now and then is shorter, and over before anybody can look into it. */
const LONG_MS = 60_000;
const MOST_NAMED = 5;

/** `says` without a full stop; `todo` ends the pause. */
export type LongPause = { readonly says: string; readonly todo: string | null };

/** The pauses of more than a minute that platforms have asked for. */
export function longPauses(holds: readonly Hold[], now: number): LongPause[] {
  const long = holds.filter(({ reason, ms }) => reason === "asked" && ms > LONG_MS);
  const named = long.toSorted((a, b) => b.ms - a.ms).slice(0, MOST_NAMED);
  const more = long.length - named.length;
  return [
    ...named.map(({ quota, ms }) => ({
      says: `No call is made for ${titleOf(quota)} until ${momentOf(now + ms, now)}, as the platform asked`,
      todo: `npm run inbox -- lift ${quota}`,
    })),
    ...(more > 0
      ? [{ says: `Licenses of which a platform wants no call as well: ${more}`, todo: null }]
      : []),
  ];
}

function titleOf(quota: string): string {
  const platform = platformOf(quota);
  return platform === null ? quota : quotaTitle(platform, quota);
}
