import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Request, RequestHandler, Response } from "express";
import { prettifyError, type z } from "zod";
import type { BeginExchange, OnAnswer } from "./exchanges.ts";
import type { Fault, FaultKind, Faults } from "./faults.ts";
import { hideSecrets } from "./secrets.ts";

/** A request as the work behind an endpoint sees it: plain values, nothing of express. */
export type Incoming = {
  /** Absolute, on the origin the caller used. */
  url: URL;
  params: Record<string, string>;
  headers: IncomingHttpHeaders;
  /** Of an Authorization header with a Bearer. */
  token: string | undefined;
  /** The media type without its parameters, in lower case. */
  mediaType: string | undefined;
  text: string;
};

/** What a stand-in answers: a status and at most one of `json` and `html`. */
export type Answer = { status: number; headers?: Record<string, string>; json?: unknown; html?: string };

/** Thrown by the work behind an endpoint where the platform would refuse the call. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}: ${JSON.stringify(answer.json ?? answer.html ?? "")}`);
    this.answer = answer;
  }
}

/** What an endpoint does with a call. Throws a {@link Refusal} where the platform would refuse. */
export type Work = (incoming: Incoming) => Answer;

/** Makes an express handler: it records the call under the name, lets faults strike, and sends the answer. */
export type Endpoint = (name: string | ((incoming: Incoming) => string), work: Work) => RequestHandler;

/** A call that a stand-in received. `status` is null until it is answered, and stays null if it never is. */
export type Call = {
  name: string;
  path: string;
  /** Without tokens and secrets. */
  body?: unknown;
  status: number | null;
};

const refusedBeforeWork: Partial<Record<FaultKind, number>> = {
  "status-500": 500,
  "status-503": 503,
  "status-429": 429,
  "status-423": 423,
};

/** Creates the endpoints of one stand-in. `failure` is its platform's answer with such a status and error type. */
export function createEndpoint(context: {
  faults: Faults;
  calls: Call[];
  failure: (status: number, type?: string) => Answer;
  beginExchange?: BeginExchange | undefined;
  onAnswer?: OnAnswer | undefined;
}): Endpoint {
  return (naming, work) => (req, res) => {
    const incoming = readIncoming(req);
    const name = typeof naming === "string" ? naming : naming(incoming);
    const call = context.onAnswer ? null : recordCall(name, incoming);
    if (call) context.calls.push(call);
    const end = context.beginExchange?.({
      kind: "call",
      method: req.method,
      url: incoming.url,
      request: readBody(incoming),
    });
    res.once("close", () => end?.());
    const answer = (given: Answer) => {
      if (call) call.status = given.status;
      end?.({ status: given.status, body: given.json ?? given.html });
      sendAnswer(res, given);
      context.onAnswer?.({ name, text: incoming.text, status: given.status });
    };

    const fault = context.faults.strike(name, incoming.token);
    if (fault === undefined) return answer(doWork(work, incoming).answer);
    if (fault.kind === "hang") return;
    if (fault.kind === "slow") return void answerSlowly(fault, () => doWork(work, incoming).answer, answer);
    if (fault.kind === "reset") return void req.socket.resetAndDestroy();
    const refuse = (given: Answer) =>
      refuseInTime(fault, context.faults, () => answer(withRetryAfter(given, fault)));
    if (fault.kind === "gateway") return refuse(gatewaysAnswer(fault));
    const status = fault.kind === "refused" ? fault.status : refusedBeforeWork[fault.kind];
    if (status !== undefined) return refuse(context.failure(status, fault.type));

    const outcome = doWork(work, incoming);
    if (fault.kind === "no-answer") return;
    if (fault.kind === "lost-answer") return void req.socket.destroy();
    if (fault.kind === "cut-body" && outcome.isDone) return cutOff(res);
    // A refused call did no work that a wrong 200 could hide.
    answer(outcome.isDone ? disguised(fault.kind) : outcome.answer);
  };
}

/** Sends an answer as it is. */
export function sendAnswer(res: Response, answer: Answer): void {
  res.status(answer.status).set(answer.headers ?? {});
  if (answer.html !== undefined) res.type("html").send(answer.html);
  else if (answer.json !== undefined) res.json(answer.json);
  else res.end();
}

/** The body as a value: the JSON or the form in it; undefined if it is neither. */
export function readBody({ mediaType, text }: Incoming): unknown {
  const isForm = mediaType === "application/x-www-form-urlencoded";
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : readJson(text);
}

/** The JSON value in a text; undefined if it is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The JSON body. Throws what `refusal` makes of the sentence that says what is wrong with it. */
export function readJsonBody<Body>(
  { mediaType, text }: Incoming,
  schema: z.ZodType<Body>,
  refusal: (message: string) => Refusal,
): Body {
  if (mediaType !== "application/json") throw refusal("content-type must be application/json");
  const body = schema.safeParse(readJson(text));
  if (!body.success) throw refusal(prettifyError(body.error));
  return body.data;
}

/** Needs a request whose body `express.raw` has collected. */
function readIncoming(req: Request): Incoming {
  const body: unknown = req.body;
  const bearer = /^Bearer (\S+)$/i.exec(req.get("authorization") ?? "");
  const params = Object.entries(req.params).map(([name, value]) => [name, [value].flat().join("/")]);
  return {
    url: new URL(req.originalUrl, `http://${req.get("host") ?? "127.0.0.1"}`),
    params: Object.fromEntries(params),
    headers: req.headers,
    token: bearer?.[1],
    mediaType: req.get("content-type")?.split(";")[0]?.trim().toLowerCase(),
    text: Buffer.isBuffer(body) ? body.toString("utf8") : "",
  };
}

function recordCall(name: string, incoming: Incoming): Call {
  const call: Call = { name, path: incoming.url.pathname, status: null };
  if (incoming.text !== "") call.body = hideSecrets(readBody(incoming));
  return call;
}

function doWork(work: Work, incoming: Incoming): { isDone: boolean; answer: Answer } {
  try {
    return { isDone: true, answer: work(incoming) };
  } catch (error) {
    if (error instanceof Refusal) return { isDone: false, answer: error.answer };
    throw error;
  }
}

/** The work is done even if the caller has hung up. */
async function answerSlowly({ delayMs = 100 }: Fault, work: () => Answer, answer: (given: Answer) => void) {
  await sleep(delayMs / 2);
  const given = work();
  await sleep(delayMs / 2);
  answer(given);
}

/** A refusal that is to take its time is given at once when the fault is cleared. */
function refuseInTime(
  { delayMs }: Fault,
  { untilCleared }: Pick<Faults, "untilCleared">,
  refuse: () => void,
) {
  if (delayMs === undefined) return refuse();
  sleep(delayMs, undefined, { signal: untilCleared(), ref: false }).then(refuse, refuse);
}

function withRetryAfter(answer: Answer, { retryAfter }: Fault): Answer {
  if (retryAfter === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, "retry-after": retryAfter } };
}

function gatewaysAnswer({ status = 502 }: Fault): Answer {
  return { status, html: `<!doctype html><title>${status}</title>` };
}

/** A good answer whose body ends too early. */
function cutOff(res: Response): void {
  res.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
  res.write('{"thread_id":', () => res.destroy());
}

function disguised(kind: FaultKind): Answer {
  if (kind === "html-body") return { status: 200, html: "<!doctype html><title>One moment, please</title>" };
  if (kind === "huge-body") return { status: 200, html: "x".repeat(1_200_000) };
  if (kind === "broken-gzip")
    return { status: 200, headers: { "content-encoding": "gzip" }, html: "no gzip at all" };
  return kind === "other-shape" ? { status: 200, json: { unheard: ["of"] } } : { status: 200 };
}
