import type { z } from "zod";
import { PlatformError } from "../errors.ts";
import type { HttpOptions, Outlook, PlatformRefusal } from "./http.ts";
import { dateOf } from "./response-headers.ts";

/** With these codes the call never reached the platform. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
/** Answered before the call is looked at: locked, too early, too many requests (RFC 4918, 8470 and 6585). */
const NOT_LOOKED_AT = new Set([423, 425, 429]);

/** For a 429 or 423 without a readable Retry-After. */
const DEFAULT_RETRY_AFTER_MS = 15_000;
/** The longest pause that a platform may ask for. */
const LONGEST_RETRY_AFTER_MS = 7 * 24 * 3_600_000;
/** The longest pause that a gateway may ask for: it knows only about itself. */
const LONGEST_GATEWAY_RETRY_AFTER_MS = 3_600_000;

/** The library's own error is not kept as the cause: it holds the request with its token. */
export function noAnswer(platform: string, name: string, cause: unknown): PlatformError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no code";
  const message = `${platform} did not answer ${name} (${code}).`;
  return new PlatformError(message, { retryable: true, wasNotDone: NOT_SENT.has(code) });
}

/**
 * Only the platform itself refuses for good. An answer from a gateway or proxy in front of it, whatever its status, says
 * nothing about the call, which may succeed later.
 */
export function refused(
  { platform, outlookOf }: HttpOptions,
  name: string,
  { status, headers }: { status: number; headers: Readonly<Record<string, unknown>> },
  refusal: PlatformRefusal | null,
): PlatformError {
  const type = nameOrNull(refusal?.type);
  const message = `${platform} answered ${name} with ${[status, ...namesOf(type, headers)].join(", ")}.`;
  const outlook = (type === null ? null : outlookOf?.(type)) ?? outlookOfStatus(status);
  const retryable = refusal === null || outlook !== "final";
  const isLimited = isLimit(status) || outlook === "limited";
  const asked = headers["retry-after"];
  const mostMs = refusal !== null || isLimited ? LONGEST_RETRY_AFTER_MS : LONGEST_GATEWAY_RETRY_AFTER_MS;
  const isAsked = retryable && (asked !== undefined || isLimited);
  return new PlatformError(message, {
    status,
    type,
    retryable,
    wasNotDone: !retryable || isLimited || NOT_LOOKED_AT.has(status),
    retryAfterMs: isAsked ? Math.min(retryAfterMs(asked, Date.now()), mostMs) : null,
    region: refusal?.region ?? null,
  });
}

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

/** By which the platform's support finds a call. */
const TRACES = ["trackingid", "x-debug-id"];

function namesOf(type: string | null, headers: Readonly<Record<string, unknown>>): string[] {
  const traces = TRACES.flatMap((header) => {
    const trace = nameOrNull(headers[header]);
    return trace === null ? [] : `${header} ${trace}`;
  });
  return type === null ? traces : [type, ...traces];
}

/** A message may show a value from the platform only if it can be no more than a name. */
function nameOrNull(value: unknown): string | null {
  return typeof value === "string" && /^[\w.-]{1,100}$/.test(value) ? value : null;
}

function isLimit(status: number): boolean {
  return status === 429 || status === 423;
}

function outlookOfStatus(status: number): Outlook {
  return [408, 423, 425, 429].includes(status) || status >= 500 ? "later" : "final";
}

export function unexpectedAnswer(
  platform: string,
  name: string,
  status: number,
  { issues }: z.ZodError,
): PlatformError {
  const where = issues.map((issue) => issue.path.join(".") || "the whole body").join(", ");
  const message = `${platform} answered ${name} with ${status}, but not in the expected format (${where}).`;
  return new PlatformError(message, { status, retryable: true });
}
