import LinkHeader from "http-link-header";

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
