import axios from "axios/dist/node/axios.cjs";
import type { z } from "zod";
import { PlatformError } from "../errors.ts";
import { createAdapter } from "./adapter.ts";
import { noAnswer, refused, unexpectedAnswer } from "./failures.ts";
import { dateOf, nextLink } from "./response-headers.ts";

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

// The default, so that a test can put axios' own adapter back, whose calls nock intercepts.
axios.defaults.adapter = createAdapter();

/** The answer to a call. `body`: null if it broke off, was too large, or came too late, which `cause` tells. */
type Answer = {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  body: Uint8Array | null;
  cause?: unknown;
};

/**
 * A function that makes single calls to one platform. It neither retries nor follows redirects: a token stays with the host
 * it belongs to. Every failure is a PlatformError that holds nothing of the request.
 */
export function createHttp(options: HttpOptions): Http {
  const { adapter = "http" } = axios.defaults;
  // axios.create would bring defaults of its own, whose merging takes as long as all else that axios does for a call.
  const client = new axios.Axios({
    adapter,
    timeout: options.timeoutMs,
    maxContentLength: LARGEST_ANSWER,
    maxRedirects: 0,
    responseType: "arraybuffer",
    validateStatus: () => true,
  });

  function request<Shape extends z.ZodType>(call: Question<Shape>): Promise<z.infer<Shape>>;
  function request(call: Call): Promise<void>;
  async function request(call: Call & { answer?: z.ZodType }): Promise<unknown> {
    if (call.quota !== null) await options.gate?.pass(call.quota, options.platform);
    const startedAt = performance.now();
    const report = (outcome: string, isRefusal = false, date: unknown = null) => {
      const platformTime = typeof date === "string" ? dateOf(date) : null;
      const ms = performance.now() - startedAt;
      const { name, quota } = call;
      options.observe?.({ name, quota, outcome, isRefusal, ms, platformTime });
    };
    const unanswered = (cause: unknown) => {
      report("no_answer");
      return noAnswer(options.platform, call.name, cause);
    };

    const { status, headers, body, cause } = await send(call).catch((error: unknown) => {
      throw unanswered(error);
    });
    options.onHeaders?.(headers);
    const isGood = status >= 200 && status <= 299;
    if (isGood && call.answer && body === null) throw unanswered(cause);
    // A refusal is a refusal even when its body breaks off.
    const read = isGood && !call.answer ? null : readBody(body);
    const refusal = isGood ? null : (options.readRefusal?.(read) ?? null);
    report(String(status), refusal !== null, headers.date);
    if (!isGood) {
      const error = refused(options, call.name, { status, headers }, refusal);
      await holdQuota(call.quota, error, headers["retry-after"] !== undefined);
      throw error;
    }
    const answer = call.answer?.safeParse(read);
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

  async function send(call: Call): Promise<Answer> {
    const query = call.query ? `?${new URLSearchParams(call.query)}` : "";
    const { type, text } = contentOf(call);
    try {
      const { status, headers, data } = await client.request<Uint8Array>({
        method: call.method,
        // Whatever the path is, it stays below the base URL.
        url: `${options.baseUrl}/${call.path.replace(/^\/+/, "")}${query}`,
        headers: {
          Accept: "application/json",
          "Accept-Encoding": "identity",
          "User-Agent": "chatops-server",
          ...(type !== null && { "Content-Type": type }),
          ...(call.token !== undefined && { Authorization: `Bearer ${call.token}` }),
          ...call.headers,
        },
        data: text,
      });
      return { status, headers, body: data };
    } catch (cause) {
      if (!axios.isAxiosError(cause) || cause.response === undefined) throw cause;
      const { status, headers } = cause.response;
      return { status, headers, body: null, cause };
    }
  }

  return request;
}

function contentOf({ form, json }: Pick<Call, "form" | "json">): {
  type: string | null;
  text: string | null;
} {
  if (form) return { type: "application/x-www-form-urlencoded", text: new URLSearchParams(form).toString() };
  if (json === undefined) return { type: null, text: null };
  return { type: "application/json", text: JSON.stringify(json) };
}

const utf8 = new TextDecoder();

/** The body as JSON, or as text if it is not JSON; null if there is none. */
function readBody(body: Uint8Array | null): unknown {
  if (body === null) return null;
  const text = utf8.decode(body);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
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
