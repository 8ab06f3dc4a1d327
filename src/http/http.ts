import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import axios, { type AxiosResponse } from "axios";
import type { z } from "zod";
import { PlatformError } from "../errors.ts";
import { noAnswer, refused, unexpectedAnswer } from "./failures.ts";
import { dateOf, nextLink } from "./response-headers.ts";
import { startTimeout } from "./timeout.ts";

/** Bytes of an answer's body. */
const LARGEST_ANSWER = 1_000_000;
/** Characters. Node.js itself accepts 16 kB of headers. */
const LONGEST_LINK = 8000;

export type HttpOptions = {
  /** For messages, e.g. "chat.io". */
  platform: string;
  /** The whole prefix; paths are appended. */
  baseUrl: string;
  /** Milliseconds for one call, from connecting to the last byte. */
  timeoutMs: number;
  /** What every call with a quota has to pass. */
  gate?: CallGate | undefined;
  /** Called whenever a call has ended. */
  observe?: ((call: CallReport) => void) | undefined;
  /** Reads a refusal in the platform's own format; null: the body comes from somebody else, such as a gateway. */
  readRefusal?: (body: unknown) => PlatformRefusal | null;
  /** Whether a call refused with this type may succeed later; null: the HTTP status decides. */
  outlookOf?: (type: string) => Outlook | null;
  /** Given the headers of every answer. */
  onHeaders?: ((headers: Readonly<Record<string, unknown>>) => void) | undefined;
};

/** final: it will be refused again; later: it may succeed; limited: it may once the platform takes calls again. */
export type Outlook = "final" | "later" | "limited";

/** A platform's refusal of a call. */
export type PlatformRefusal = {
  /** Its own name for the error, if it has names. */
  type: string | null;
  /** The region in which it wants the call instead. */
  region?: string | null;
};

/** Holds calls back during the pauses that platforms ask for (Retry-After). */
export type CallGate = {
  /** Throws PlatformError, type "held", while calls of the quota are held back. */
  pass(quota: string, platform: string): Promise<void>;
  /** Lets no call of the quota pass for this many milliseconds. */
  hold(quota: string, forMs: number): Promise<void>;
  /** Milliseconds until calls of the quota may pass; 0: now. */
  heldMs(quota: string): number;
};

/** How one call went. `outcome` is the HTTP status, or "no_answer". */
export type CallReport = {
  name: string;
  /** As in the call. */
  quota: string | null;
  outcome: string;
  /** Whether the platform itself refused the call, in its own format. */
  isRefusal: boolean;
  ms: number;
  /** The platform's clock (`Date` header) in ms since 1970; null when it does not say. */
  platformTime: number | null;
};

export type Call = {
  /** For messages, e.g. "send_event". */
  name: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  /** The rate limit that the call counts against; null where none is known. */
  quota: string | null;
  /** The bearer token. */
  token?: string;
  /** Further headers. */
  headers?: Readonly<Record<string, string>>;
  query?: Record<string, string>;
  /** The body, as JSON or as a form. */
  json?: unknown;
  form?: Record<string, string>;
  /** Called with the path of the list's next page (RFC 8288, `rel="next"`), if there is one. */
  onNext?: (path: string) => void;
};

/** A call whose answer is needed, with the shape that a good answer has. */
export type Question<Shape extends z.ZodType> = Call & { answer: Shape };

export type Http = {
  <Shape extends z.ZodType>(call: Question<Shape>): Promise<z.infer<Shape>>;
  /** The body is not needed, so the status alone decides: a broken body is no reason to repeat a call that was carried out. */
  (call: Call): Promise<void>;
};

/**
 * A function that makes single calls to one platform. It neither retries nor follows redirects: a token stays with the host
 * it belongs to. Every failure is a PlatformError that holds nothing of the request.
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
    const aborter = new AbortController();
    const cancelTimeout = startTimeout(options.timeoutMs, () => aborter.abort());
    const report = (outcome: string, isRefusal = false, date: unknown = null) => {
      const platformTime = typeof date === "string" ? dateOf(date) : null;
      const ms = performance.now() - startedAt;
      const { name, quota } = call;
      options.observe?.({ name, quota, outcome, isRefusal, ms, platformTime });
    };
    const unanswered = (cause: unknown) => {
      cancelTimeout();
      report("no_answer");
      return noAnswer(options.platform, call.name, cause);
    };

    const response = await send(call, aborter.signal).catch((cause: unknown) => {
      throw unanswered(cause);
    });
    const { status, headers } = response;
    options.onHeaders?.(headers);
    const isGood = status >= 200 && status <= 299;
    if (isGood && !call.answer) {
      drain(response.data, cancelTimeout);
      report(String(status), false, headers.date);
      return undefined;
    }
    const body = await readBody(response.data).catch((cause: unknown) => {
      // A refusal is a refusal even when its body breaks off.
      if (!isGood) return null;
      throw unanswered(cause);
    });
    cancelTimeout();
    const refusal = isGood ? null : (options.readRefusal?.(body) ?? null);
    report(String(status), refusal !== null, headers.date);
    if (!isGood) {
      const error = refused(options, call.name, response, refusal);
      await holdQuota(call.quota, error, headers["retry-after"] !== undefined);
      throw error;
    }
    const answer = call.answer?.safeParse(body);
    if (answer?.error) throw unexpectedAnswer(options.platform, call.name, status, answer.error);
    const next = call.onNext ? nextPage(options, call.name, headers.link) : null;
    if (next !== null) call.onNext?.(next);
    return answer?.data;
  }

  async function holdQuota(quota: string | null, error: PlatformError, saysHowLong: boolean): Promise<void> {
    const { status, retryAfterMs } = error;
    if (quota === null || retryAfterMs === null) return;
    // A lock (423) that does not say how long it lasts says nothing about other calls.
    if (saysHowLong || status !== 423) await options.gate?.hold(quota, retryAfterMs);
  }

  async function send(call: Call, signal: AbortSignal): Promise<AxiosResponse<Readable>> {
    return client.request<Readable>({
      method: call.method,
      url: call.path,
      signal,
      headers: {
        ...call.headers,
        ...(call.token !== undefined && { Authorization: `Bearer ${call.token}` }),
      },
      ...(call.query && { params: call.query }),
      ...(call.form ? { data: new URLSearchParams(call.form) } : { data: call.json }),
    });
  }

  return request;
}

/** The body as JSON, or as text if it is not JSON. Throws when it breaks off or is too large. */
async function readBody(body: Readable): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > LARGEST_ANSWER) throw Object.assign(new Error("too large"), { code: "TOO_LARGE" });
    chunks.push(piece);
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads and discards the body, so that the connection can be reused, unless the body is too large for that. */
function drain(body: Readable, ended: () => void): void {
  let bytes = 0;
  body.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > LARGEST_ANSWER) body.destroy();
  });
  body.on("error", () => {});
  body.once("close", ended);
}

/** The path below the base URL. A next page at another address is not followed: the token would go there too. */
function nextPage({ platform, baseUrl }: HttpOptions, name: string, link: unknown): string | null {
  if (typeof link !== "string") return null;
  const failed = (message: string) => new PlatformError(message, { retryable: false });
  if (link.length > LONGEST_LINK)
    throw failed(`${platform} answered ${name} with a Link header of more than ${LONGEST_LINK} characters.`);
  let target: string | null;
  try {
    target = nextLink(link);
  } catch {
    throw failed(`${platform} answered ${name} with a Link header that cannot be parsed.`);
  }
  if (target === null) return null;
  if (target.startsWith(`${baseUrl}/`)) return target.slice(baseUrl.length);
  throw failed(`${platform} answered ${name} with a next page at another address, which is not followed.`);
}

/** A proxy configured for this machine cannot reach what listens on its loopback address. */
function isLoopback(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}
