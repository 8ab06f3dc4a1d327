export const DAY_MS = 86_400_000;

/** Formats milliseconds as "45 ms", "1.2 s" or "3 min". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${rounded(ms / 1000)} s`;
  return `${rounded(ms / 60_000)} min`;
}

function rounded(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}

/** Formats milliseconds since 1970 as "23:51:07 UTC", preceded by the date unless it is that of `now`. */
export function formatTime(ms: number, now: number): string {
  return `${isoTime(ms).slice(isSameDay(ms, now) ? 11 : 0)} UTC`;
}

/** Formats milliseconds since 1970 as "23:51 UTC", preceded by the date unless it is that of `now`. */
export function formatMinute(ms: number, now: number): string {
  return `${isoTime(ms).slice(isSameDay(ms, now) ? 11 : 0, 16)} UTC`;
}

/** Formats milliseconds since 1970 as "2026-01-05 23:51:07", in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** Whether two times in ms since 1970 are on the same day, in UTC. */
export function isSameDay(a: number, b: number): boolean {
  return Math.floor(a / DAY_MS) === Math.floor(b / DAY_MS);
}
