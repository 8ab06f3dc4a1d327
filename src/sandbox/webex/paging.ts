import type { Answer } from "../answer.ts";
import { refusal } from "./errors.ts";

/**
 * One page of a list, with a Link header to the next one when there is more. `max` is the page size when the
 * caller names none, and the largest it may name: more is cut down without a word.
 */
export function answerPage(items: unknown[], url: URL, max: number): Answer {
  const size = Math.min(readNumber(url, "max", max), max);
  const start = readNumber(url, "cursor", 0);
  if (size < 1) throw refusal(400, "max must be at least 1.");
  const page: Answer = { status: 200, json: { items: items.slice(start, start + size) } };
  if (start + size >= items.length) return page;
  const next = new URL(url);
  next.searchParams.set("cursor", String(start + size));
  return { ...page, headers: { link: `<${next.href}>; rel="next"` } };
}

function readNumber(url: URL, name: string, otherwise: number): number {
  const text = url.searchParams.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw refusal(400, `${name} must be a number.`);
  return Number(text);
}
