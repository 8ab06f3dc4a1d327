import { type Incoming, readBody } from "./incoming.ts";
import { hideSecrets, isSecret } from "./secrets.ts";

/** One call a stand-in received. `status` is null until it is answered, and stays null when it never is. */
export type Call = {
  name: string;
  path: string;
  authorId?: string;
  query?: Record<string, string>;
  body?: unknown;
  status: number | null;
};

/** What is kept of a call: everything a test may ask for, and no token or secret. */
export function recordCall(name: string, incoming: Incoming): Call {
  const call: Call = { name, path: incoming.url.pathname, status: null };
  const query = [...incoming.url.searchParams].filter(([parameter]) => !isSecret(parameter));
  if (query.length > 0) call.query = Object.fromEntries(query);
  if (incoming.text === "") return call;
  const body = readBody(incoming);
  call.body = hideSecrets(body);
  const authorId = authorOf(body);
  if (authorId !== undefined) call.authorId = authorId;
  return call;
}

function authorOf(body: unknown): string | undefined {
  const isNamed = typeof body === "object" && body !== null && "author_id" in body;
  return isNamed && typeof body.author_id === "string" ? body.author_id : undefined;
}
