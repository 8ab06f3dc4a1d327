import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import axios, { type AxiosResponse } from "axios";
import type { z } from "zod";
import { PlatformError } from "../errors.ts";
import { drain, readBody } from "./body.ts";
import { misshapen, noAnswer, plainWord } from "./failures.ts";
import { dateOf, LONGEST_FOREIGN_PAUSE_MS, LONGEST_PAUSE_MS, nextLink, retryAfterMs } from "./headers.ts";
import { startPatience } from "./patience.ts";

/** Characters. Node.js itself takes 16 kB of headers. */
const LONGEST_LINK = 8000;

export type HttpOptions = {
  /** For messages, e.g. "chat.io". */
  platform: string;
  /** The whole prefix; paths are appended. */
  baseUrl: string;
  /** Milliseconds for one call, from connecting to the last byte. */
  timeoutMs: number;
  /** What every call of a quota has to pass; none where there is no quota to heed. */
  gate?: CallGate | undefined;
  /** Told of every call once it has ended. */
  observe?: ((call: CallReport) => void) | undefined;
  /** Reads a refusal in the platform's own format; null: somebody else wrote this body, a gateway for instance. */
  readRefusal?: (body: unknown) => PlatformRefusal | null;
  /** Whether an error of this name passes by itself; null: the HTTP status decides. */
  isRetryableType?: (type: string) => boolean | null;
};

/** What a platform says when it refuses a call. `type`: its own name for the error, where it has names. */
export type PlatformRefusal = { type: string | null };

/** Keeps calls back while a platform has asked for a pause (Retry-After). */
export type CallGate = {
  /** Throws PlatformError, type "held", while calls of the quota are held back. */
  pass(quota: string, platform: string): Promise<void>;
  /** Lets no call of the quota pass for this many milliseconds. */
  hold(quota: string, forMs: number): Promise<void>;
};

/** How one call went. `outcome` is the HTTP status, or "no_answer". */
export type CallReport = {
  name: string;
  /** As in the call. */
  quota: string | null;
  outcome: string;
  /** Whether the platform itself has refused the call, in its own format. */
  isRefusal: boolean;
  ms: number;
  /** What the platform's clock showed (`Date` header), in ms since 1970; null when it does not say. */
  platformTime: number | null;
};

export type Call = {
  /** For messages, e.g. "send_event". */
  name: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  /** The rate limit that the call draws on; null where it draws on none that could be named. */
  quota: string | null;
  /** The bearer token. */
  token?: string;
  query?: Record<string, string>;
  /** The body, as JSON or as a form. */
  json?: unknown;
  form?: Record<string, string>;
  /** Told the path of the list's next page (RFC 8288, `rel="next"`), when there is one. */
  onNext?: (path: string) => void;
};

/** A call whose answer is needed, and what a good one looks like. */
export type Question<Shape extends z.ZodType> = Call & { answer: Shape };

export type Http = {
  <Shape extends z.ZodType>(call: Question<Shape>): Promise<z.infer<Shape>>;
  /** Nothing of the body is needed, so the status decides: what was done must not be done again for a broken body. */
  (call: Call): Promise<void>;
};

/**
 * A function that makes one call at a time to one platform: never a second try, never a redirect (a token stays with
 * the host it belongs to). Whatever goes wrong is a PlatformError, without anything of the request in it.
 */
export function createHttp(options: HttpOptions): Http {
  const client = axios.create({
    baseURL: options.baseUrl,
    allowAbsoluteUrls: false,
    maxRedirects: 0,
    responseType: "stream",
    validateStatus: () => true,
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
    ...(isLoopback(options.baseUrl) ? { proxy: false as const } : {}),
  });

  function request<Shape extends z.ZodType>(call: Question<Shape>): Promise<z.infer<Shape>>;
  function request(call: Call): Promise<void>;
  async function request(call: Call & { answer?: z.ZodType }): Promise<unknown> {
    if (call.quota !== null) await options.gate?.pass(call.quota, options.platform);
    const startedAt = performance.now();
    const breakOff = new AbortController();
    const endPatience = startPatience(options.timeoutMs, () => breakOff.abort());
    const report = (outcome: string, isRefusal = false, date: unknown = null) => {
      const platformTime = typeof date === "string" ? dateOf(date) : null;
      const ms = performance.now() - startedAt;
      const { name, quota } = call;
      options.observe?.({ name, quota, outcome, isRefusal, ms, platformTime });
    };
    const unanswered = (cause: unknown) => {
      endPatience();
      report("no_answer");
      return noAnswer(options.platform, call.name, cause);
    };

    const response = await send(call, breakOff.signal).catch((cause: unknown) => {
      throw unanswered(cause);
    });
    const { status, headers } = response;
    const isGood = status >= 200 && status <= 299;
    if (isGood && !call.answer) {
      drain(response.data, endPatience);
      report(String(status), false, headers.date);
      return undefined;
    }
    const body = await readBody(response.data).catch((cause: unknown) => {
      // What was refused is refused, whatever is left of the reason.
      if (!isGood) return null;
      throw unanswered(cause);
    });
    endPatience();
    const refusal = isGood ? null : (options.readRefusal?.(body) ?? null);
    report(String(status), refusal !== null, headers.date);
    if (!isGood) throw await refused(options, call, response, refusal);
    const answer = call.answer?.safeParse(body);
    if (answer?.error) throw misshapen(options.platform, call.name, status, answer.error);
    const next = call.onNext ? nextPage(options, call.name, headers.link) : null;
    if (next !== null) call.onNext?.(next);
    return answer?.data;
  }

  async function send(call: Call, signal: AbortSignal): Promise<AxiosResponse<Readable>> {
    return client.request<Readable>({
      method: call.method,
      url: call.path,
      signal,
      headers: call.token === undefined ? {} : { Authorization: `Bearer ${call.token}` },
      ...(call.query && { params: call.query }),
      ...(call.form ? { data: new URLSearchParams(call.form) } : { data: call.json }),
    });
  }

  return request;
}

/**
 * Only the platform itself refuses for good. What a gateway or a proxy in front of it says, in whatever status, says
 * nothing about the call, and passes.
 */
async function refused(
  options: HttpOptions,
  { name, quota }: Call,
  { status, headers }: AxiosResponse,
  refusal: PlatformRefusal | null,
): Promise<PlatformError> {
  const type = plainWord(refusal?.type);
  const trace = plainWord(headers.trackingid);
  const details = [type, trace && `trackingid ${trace}`].filter((detail) => detail !== null);
  const message = `${options.platform} answered ${name} with ${[status, ...details].join(", ")}.`;
  const passesByType = type === null ? null : (options.isRetryableType?.(type) ?? null);
  const retryable = refusal === null || (passesByType ?? isRetryableStatus(status));
  const asked = headers["retry-after"];
  const mostMs = refusal !== null || isLimit(status) ? LONGEST_PAUSE_MS : LONGEST_FOREIGN_PAUSE_MS;
  const isAsked = retryable && (asked !== undefined || isLimit(status));
  const waitMs = isAsked ? Math.min(retryAfterMs(asked, Date.now()), mostMs) : null;
  // What is locked (423) without a word of when says nothing about other calls.
  const holds = asked !== undefined || status === 429;
  if (waitMs !== null && holds && quota !== null) await options.gate?.hold(quota, waitMs);
  return new PlatformError(message, {
    status,
    type,
    retryable,
    wasNotDone: !retryable || NOT_LOOKED_AT.has(status),
    retryAfterMs: waitMs,
  });
}

/** Answered before the call is looked at: locked, too early, too many requests (RFC 4918, 8470 and 6585). */
const NOT_LOOKED_AT = new Set([423, 425, 429]);

function isLimit(status: number): boolean {
  return status === 429 || status === 423;
}

function isRetryableStatus(status: number): boolean {
  return [408, 423, 425, 429].includes(status) || status >= 500;
}

/** The path below the base URL. A list that goes on elsewhere is not followed: the token would go there too. */
function nextPage({ platform, baseUrl }: HttpOptions, name: string, link: unknown): string | null {
  if (typeof link !== "string") return null;
  const failed = (message: string) => new PlatformError(message, { retryable: false });
  if (link.length > LONGEST_LINK)
    throw failed(`${platform} answered ${name} with a Link header of more than ${LONGEST_LINK} characters.`);
  let target: string | null;
  try {
    target = nextLink(link);
  } catch {
    throw failed(`${platform} answered ${name} with a Link header that cannot be read.`);
  }
  if (target === null) return null;
  if (target.startsWith(`${baseUrl}/`)) return target.slice(baseUrl.length);
  throw failed(`${platform}'s answer to ${name} goes on at another address, which is not asked.`);
}

/** A proxy set for the machine cannot reach what listens on the machine itself. */
function isLoopback(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}
