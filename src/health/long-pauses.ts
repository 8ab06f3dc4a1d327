import { momentOf } from "../durations.ts";
import type { Hold } from "../store/store.ts";
import type { Titles } from "./titles.ts";

/** What a platform asks for now and then is shorter, and over before anybody can look into it. */
const LONG_MS = 60_000;
const MOST_NAMED = 5;

/** `says` without a full stop; `todo` ends the pause. */
export type LongPause = { readonly says: string; readonly todo: string | null };

/** The pauses of more than a minute that platforms have asked for. */
export function longPauses(holds: readonly Hold[], titles: Titles, now: number): LongPause[] {
  const long = holds.filter(({ reason, ms }) => reason === "asked" && ms > LONG_MS);
  const sorted = long.toSorted((a, b) => b.ms - a.ms);
  const [named, others] = [sorted.slice(0, MOST_NAMED), sorted.slice(MOST_NAMED)];
  const platforms = others.flatMap(({ quota }) => titles.platformOf(quota) ?? []);
  return [
    ...named.map(({ quota, ms }) => ({
      says: `No call is made for ${titles.quota(quota)} until ${momentOf(now + ms, now)}, as the platform asked`,
      todo: `npm run inbox -- lift ${quota}`,
    })),
    ...(others.length > 0
      ? [
          {
            says: `${titles.tenants(platforms)} of which a platform wants no call as well: ${others.length}`,
            todo: null,
          },
        ]
      : []),
  ];
}
