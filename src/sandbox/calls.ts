import { type Incoming, readJson } from "./incoming.ts";

/** One call a stand-in received. `status` is null until it is answered, and stays null when it never is. */
export type Call = {
  name: string;
  path: string;
  authorId?: string;
  query?: Record<string, string>;
  body?: unknown;
  status: number | null;
};

const secretNames = new Set([
  "access_token",
  "refresh_token",
  "token",
  "code",
  "client_secret",
  "secret_key",
  "secret",
]);

/** What is kept of a call: everything a test may ask for, and no token or secret. */
export function recordCall(name: string, incoming: Incoming): Call {
  const call: Call = { name, path: incoming.url.pathname, status: null };
  const query = withoutSecrets(Object.fromEntries(incoming.url.searchParams));
  if (query.length > 0) call.query = Object.fromEntries(query);
  if (incoming.text === "") return call;
  const body = readBody(incoming);
  call.body = scrub(body);
  if (isRecord(body) && typeof body.author_id === "string") call.authorId = body.author_id;
  return call;
}

function readBody({ mediaType, text }: Incoming): unknown {
  const isForm = mediaType === "application/x-www-form-urlencoded";
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : readJson(text);
}

function scrub(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrub);
  if (!isRecord(value)) return value;
  return Object.fromEntries(withoutSecrets(value).map(([key, inner]) => [key, scrub(inner)]));
}

function withoutSecrets<Value>(record: Record<string, Value>): [string, Value][] {
  return Object.entries(record).filter(([key]) => !secretNames.has(key));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
