import LinkHeader from "http-link-header";

/** For a 429 or 423 without a readable Retry-After. */
const DEFAULT_RETRY_AFTER_MS = 15_000;
/** The longest pause that a platform may ask for. */
export const LONGEST_RETRY_AFTER_MS = 7 * 24 * 3_600_000;
/** The longest pause that a gateway may ask for: it knows only about itself. */
export const LONGEST_GATEWAY_RETRY_AFTER_MS = 3_600_000;

/**
 * Milliseconds to wait according to a Retry-After header, which is in seconds or an HTTP date. Anything else counts as 15 s:
 * Webex has sent a piece of source code (WebexPythonSDK issue 181). At least 1 s, at most 7 days.
 */
export function retryAfterMs(header: unknown, now: number): number {
  const text = typeof header === "string" ? header.trim() : "";
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : (dateOf(text) ?? Number.NaN) - now;
  if (Number.isNaN(waitMs)) return DEFAULT_RETRY_AFTER_MS;
  return Math.min(Math.max(waitMs, 1000), LONGEST_RETRY_AFTER_MS);
}

/** An HTTP date in ms since 1970, or null. Date.parse alone would also accept text that is not a date. */
export function dateOf(text: string): number | null {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/**
 * The target of the first `rel="next"` link in a Link header (RFC 8288), or null. Throws when the header cannot be parsed,
 * because there may be a next page.
 */
export function nextLink(header: string): string | null {
  return LinkHeader.parse(header).rel("next")[0]?.uri ?? null;
}
