import { html, type SafeHtml } from "@remix-run/html-template";
import { DAY_MS, isSameDay } from "../durations.ts";

const UNITS = [
  ["day", DAY_MS],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

// All times are in UTC: the server does not know the reader's time zone.

/** Formats milliseconds since 1970 as "14:05". */
export function clockOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

/** Formats milliseconds since 1970 as "14:05:09", or "5 Jan, 14:05:09" if `now` is on another day. */
export function timeOf(ms: number, now: number): SafeHtml {
  const date = new Date(ms);
  const iso = date.toISOString();
  const [, day, month] = date.toUTCString().split(" ");
  const shownDay = isSameDay(ms, now) ? "" : `${Number(day)} ${month}, `;
  return html`<time datetime="${iso}">${shownDay}${iso.slice(11, 19)}</time>`;
}

/** Formats the distance of two times, in ms since 1970, as "in 51 minutes" or "3 days ago". */
export function fromNow(ms: number, now: number): string {
  const awayMs = ms - now;
  const [unit, unitMs] = UNITS.find(([, size]) => Math.abs(awayMs) >= size) ?? ["second", 1000];
  const count = Math.trunc(Math.abs(awayMs) / unitMs);
  const distance = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return awayMs < 0 ? `${distance} ago` : `in ${distance}`;
}

/** How far away a time is, as "in 3 s" or "now"; both in ms since 1970. In the browser live.js counts it down. */
export function countdown(ms: number, now: number): SafeHtml {
  const seconds = Math.ceil((ms - now) / 1000);
  const words = seconds > 0 ? `in ${seconds} s` : "now";
  return html`<time datetime="${new Date(ms).toISOString()}" data-countdown>${words}</time>`;
}
