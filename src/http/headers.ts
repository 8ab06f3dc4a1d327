import LinkHeader from "http-link-header";

/** For a 429 or 423 that does not say, or not readably, how long to wait. */
const DEFAULT_RETRY_AFTER_MS = 15_000;
/** What a platform may ask for; and what somebody in between may, who knows of their own trouble only. */
export const LONGEST_PAUSE_MS = 7 * 24 * 3_600_000;
export const LONGEST_FOREIGN_PAUSE_MS = 3_600_000;

/**
 * Milliseconds to wait by a Retry-After header: seconds or an HTTP date. Webex once sent a piece of program text
 * (WebexPythonSDK issue 181), so anything else counts as 15 s. At least 1 s, at most 7 days.
 */
export function retryAfterMs(header: unknown, now: number): number {
  const text = typeof header === "string" ? header.trim() : "";
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : (dateOf(text) ?? Number.NaN) - now;
  if (Number.isNaN(waitMs)) return DEFAULT_RETRY_AFTER_MS;
  return Math.min(Math.max(waitMs, 1000), LONGEST_PAUSE_MS);
}

/** An HTTP date in ms since 1970; null when it is none. Date.parse alone takes many a text that is no date. */
export function dateOf(text: string): number | null {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/**
 * The target of the first link in a Link header (RFC 8288) that leads to the next page; null when there is none. Throws where
 * the header cannot be read: the list may go on.
 */
export function nextLink(header: string): string | null {
  return LinkHeader.parse(header).rel("next")[0]?.uri ?? null;
}
