const DAY_MS = 86_400_000;

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
  const isToday = Math.floor(ms / DAY_MS) === Math.floor(now / DAY_MS);
  const text = new Date(ms).toISOString().replace("T", " ");
  return `${text.slice(isToday ? 11 : 0, 19)} UTC`;
}
