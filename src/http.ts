import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { type AxiosResponse, isAxiosError } from "axios";
import type { z } from "zod";
import { PlatformError } from "./errors.ts";
import { dateOf, nextLink, retryAfterMs } from "./http-headers.ts";

/** Characters. Node.js itself takes 16 kB of headers. */
const LONGEST_LINK = 8000;

export type HttpOptions = {
  /** For messages, e.g. "chat.io". */
  platform: string;
  /** The whole prefix; paths are appended. */
  baseUrl: string;
  /** Milliseconds for one call, from connecting to the last byte. */
  timeoutMs: number;
  /** Told of every call once it has ended. */
  observe?: ((call: CallReport) => void) | undefined;
  /** The platform's own name for the error in an answer's body; null where it gives none. */
  errorType?: (body: unknown) => string | null;
  /** Whether an error of this name passes by itself; null: the HTTP status decides. */
  isRetryableType?: (type: string) => boolean | null;
};

/** How one call went. `outcome` is the HTTP status, or "no_answer". */
export type CallReport = {
  name: string;
  outcome: string;
  ms: number;
  /** What the platform's clock showed (`Date` header), in ms since 1970; null when it does not say. */
  platformTime: number | null;
};

export type Call<Shape extends z.ZodType> = {
  /** For messages, e.g. "send_event". */
  name: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  /** The bearer token. */
  token?: string;
  query?: Record<string, string>;
  /** The body, as JSON or as a form. */
  json?: unknown;
  form?: Record<string, string>;
  /** What a good answer looks like. */
  answer: Shape;
  /** Told the path of the list's next page (RFC 8288, `rel="next"`), when there is one. */
  onNext?: (path: string) => void;
};

export type Http = <Shape extends z.ZodType>(call: Call<Shape>) => Promise<z.infer<Shape>>;

/**
 * A function that makes one call at a time to one platform: never a second try, never a redirect (a token stays with
 * the host it belongs to). Whatever goes wrong is a PlatformError, without anything of the request in it.
 */
export function createHttp(options: HttpOptions): Http {
  const client = axios.create({
    baseURL: options.baseUrl,
    allowAbsoluteUrls: false,
    timeout: options.timeoutMs,
    maxRedirects: 0,
    maxContentLength: 1_000_000,
    validateStatus: () => true,
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
    ...(isLoopback(options.baseUrl) ? { proxy: false as const } : {}),
  });

  return async function request(call) {
    const startedAt = performance.now();
    // An AbortSignal.timeout() would stay in memory for that long after every call.
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), options.timeoutMs);
    const report = (outcome: string, date: unknown = null) => {
      const platformTime = typeof date === "string" ? dateOf(date) : null;
      options.observe?.({ name: call.name, outcome, ms: performance.now() - startedAt, platformTime });
    };
    const response = await client
      .request<unknown>({
        method: call.method,
        url: call.path,
        signal: patience.signal,
        headers: call.token === undefined ? {} : { Authorization: `Bearer ${call.token}` },
        ...(call.query && { params: call.query }),
        ...(call.form ? { data: new URLSearchParams(call.form) } : { data: call.json }),
      })
      .catch((cause: unknown) => {
        report("no_answer");
        throw unanswered(options, call.name, cause);
      })
      .finally(() => clearTimeout(timer));
    report(String(response.status), response.headers.date);
    if (response.status < 200 || response.status > 299) throw refused(options, call.name, response);
    const answer = call.answer.safeParse(response.data);
    if (!answer.success) throw misshapen(options, call.name, response.status, answer.error);
    const next = nextPage(options, call.name, response.headers.link);
    if (next !== null) call.onNext?.(next);
    return answer.data;
  };
}

/** Axios's own error is not kept as the cause: it holds the request with its token. */
function unanswered({ platform }: HttpOptions, name: string, cause: unknown): PlatformError {
  const code = isAxiosError(cause) ? (cause.code ?? "no code") : "no code";
  return new PlatformError(`${platform} did not answer ${name} (${code}).`, { retryable: true });
}

function refused(
  options: HttpOptions,
  name: string,
  { status, data, headers }: AxiosResponse<unknown>,
): PlatformError {
  const type = plainWord(options.errorType?.(data));
  const trace = plainWord(headers.trackingid);
  const details = [type, trace && `trackingid ${trace}`].filter((detail) => detail !== null);
  const message = `${options.platform} answered ${name} with ${[status, ...details].join(", ")}.`;
  return new PlatformError(message, {
    status,
    type,
    retryable: (type !== null ? options.isRetryableType?.(type) : null) ?? isRetryableStatus(status),
    retryAfterMs: status === 429 || status === 423 ? retryAfterMs(headers["retry-after"], Date.now()) : null,
  });
}

/** What a platform sends is put into messages only where it can be no more than a name. */
function plainWord(value: unknown): string | null {
  return typeof value === "string" && /^[\w.-]{1,100}$/.test(value) ? value : null;
}

function misshapen(
  { platform }: HttpOptions,
  name: string,
  status: number,
  { issues }: z.ZodError,
): PlatformError {
  const where = issues.map((issue) => issue.path.join(".") || "the whole body").join(", ");
  return new PlatformError(
    `${platform} answered ${name} with ${status}, but not in the known form (${where}).`,
    {
      status,
      retryable: true,
    },
  );
}

function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 423 || status === 429 || status >= 500;
}

/** The path below the base URL. A list that goes on elsewhere is not followed: the token would go there too. */
function nextPage({ platform, baseUrl }: HttpOptions, name: string, link: unknown): string | null {
  if (typeof link !== "string") return null;
  if (link.length > LONGEST_LINK) {
    const message = `${platform} answered ${name} with a Link header of more than ${LONGEST_LINK} characters.`;
    throw new PlatformError(message, { retryable: false });
  }
  const target = nextLink(link);
  if (target === null) return null;
  if (target.startsWith(`${baseUrl}/`)) return target.slice(baseUrl.length);
  const message = `${platform}'s answer to ${name} goes on at another address, which is not asked.`;
  throw new PlatformError(message, { retryable: false });
}

/** A proxy set for the machine cannot reach what listens on the machine itself. */
function isLoopback(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}
