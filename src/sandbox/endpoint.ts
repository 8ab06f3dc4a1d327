import { setTimeout as sleep } from "node:timers/promises";
import type { Request, RequestHandler, Response } from "express";
import { type Answer, Refusal } from "./answer.ts";
import { type Call, recordCall } from "./calls.ts";
import type { BeginExchange, OnAnswer } from "./exchanges.ts";
import type { Fault, FaultKind, Faults } from "./faults.ts";
import { type Incoming, readBody, readIncoming } from "./incoming.ts";

/** What an endpoint does with a call; it throws a {@link Refusal} where the platform would refuse. */
export type Work = (incoming: Incoming) => Answer;

/** Makes an express handler of some work: the call is recorded, faults strike it, the answer is sent. */
export type Endpoint = (name: string | ((incoming: Incoming) => string), work: Work) => RequestHandler;

const refusedBeforeWork: Partial<Record<FaultKind, number>> = {
  "status-500": 500,
  "status-503": 503,
  "status-429": 429,
  "status-423": 423,
};

/**
 * Creates the endpoints of one stand-in. `failure` is what its platform answers with such a status; without
 * `beginExchange` nobody is told of the calls.
 */
export function createEndpoint(context: {
  faults: Faults;
  calls: Call[];
  failure: (status: number) => Answer;
  beginExchange?: BeginExchange | undefined;
  onAnswer?: OnAnswer | undefined;
}): Endpoint {
  const { calls, onAnswer } = context;
  return (naming, work) => (req, res) => {
    const incoming = readIncoming(req);
    const name = typeof naming === "string" ? naming : naming(incoming);
    const call = onAnswer ? null : recordCall(name, incoming);
    if (call) calls.push(call);
    const end = context.beginExchange?.({
      kind: "call",
      method: req.method,
      url: incoming.url,
      request: readBody(incoming),
    });
    // Whichever side hung up without an answer.
    res.once("close", () => end?.());
    const answer = (given: Answer) => {
      if (call) call.status = given.status;
      end?.({ status: given.status, body: given.json ?? given.html });
      sendAnswer(res, given);
      onAnswer?.({ name, text: incoming.text, status: given.status });
    };

    const fault = context.faults.strike({ name, token: incoming.token });
    if (fault === undefined) return answer(doWork(work, incoming).answer);
    if (fault.kind === "hang") return;
    if (fault.kind === "slow") return void answerSlowly(fault, () => doWork(work, incoming).answer, answer);
    if (fault.kind === "reset") return void req.socket.resetAndDestroy();
    if (fault.kind === "gateway") return answer(withRetryAfter(gatewaysAnswer(fault), fault));
    const status = refusedBeforeWork[fault.kind];
    if (status !== undefined) return answer(withRetryAfter(context.failure(status), fault));

    const outcome = doWork(work, incoming);
    if (fault.kind === "lost-answer") return loseAnswer(req);
    if (fault.kind === "cut-body" && outcome.isDone) return cutOff(res);
    // A refused call has done no work that a wrong 200 could hide.
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

function doWork(work: Work, incoming: Incoming): { isDone: boolean; answer: Answer } {
  try {
    return { isDone: true, answer: work(incoming) };
  } catch (error) {
    if (error instanceof Refusal) return { isDone: false, answer: error.answer };
    throw error;
  }
}

/** A caller that has gone meanwhile changes nothing: the work is done all the same. */
async function answerSlowly({ delayMs = 100 }: Fault, work: () => Answer, answer: (given: Answer) => void) {
  await sleep(delayMs / 2);
  const given = work();
  await sleep(delayMs / 2);
  answer(given);
}

function loseAnswer(req: Request): void {
  req.socket.destroy();
}

function withRetryAfter(answer: Answer, fault: Fault): Answer {
  if (fault.retryAfter === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, "retry-after": fault.retryAfter } };
}

function gatewaysAnswer({ status = 502 }: Fault): Answer {
  return { status, html: `<!doctype html><title>${status}</title>` };
}

/** A good answer whose body ends before it should. */
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
