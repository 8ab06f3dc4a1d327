import type { ErrorRequestHandler, RequestHandler } from "express";
import { NotJson } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Inbox } from "../store/store.ts";

export type ReceiveOptions = {
  platform: Platform;
  inbox: Inbox;
  /** Called after new jobs were put into the inbox. */
  arrived: () => void;
  answered: Answered;
  log: Log;
};

/** Called with how each delivery was answered: its outcome, or the HTTP status of an error. */
export type Answered = (answer: string) => void;

type Outcome = "accepted" | "duplicate" | "ignored";

/** Prepared, so that no delivery has to compute its answer. */
const ANSWERS: Readonly<Record<Outcome, ReturnType<typeof answerOf>>> = {
  accepted: answerOf("accepted"),
  duplicate: answerOf("duplicate"),
  ignored: answerOf("ignored"),
};

function answerOf(outcome: Outcome) {
  const body = JSON.stringify({ status: outcome });
  const headers = { "Content-Type": "application/json; charset=utf-8", "Content-Length": body.length };
  return { body, headers };
}

/**
 * Opens a delivery, keeps its jobs, and only then answers. `delivery-body.ts` gives JSON bodies as a Buffer; any other body
 * is refused (415).
 */
export function createReceive({ platform, inbox, arrived, answered, log }: ReceiveOptions): RequestHandler {
  return async function receive(req, res) {
    const answer = (outcome: Outcome) => {
      const prepared = ANSWERS[outcome];
      res.writeHead(200, prepared.headers).end(prepared.body);
      answered(outcome);
    };
    const { body }: { body: unknown } = req;
    if (!Buffer.isBuffer(body)) {
      throw new NotJson("The body must be JSON, with Content-Type: application/json.");
    }
    const jobs = await platform.open({ body, headers: req.headers });
    if (jobs.length === 0) {
      answer("ignored");
      return;
    }
    const added = await inbox.accept(jobs);
    const outcome = added > 0 ? "accepted" : "duplicate";
    answer(outcome);
    if (added > 0) arrived();
    log.info({ jobs: jobs.map(({ key }) => key) }, `Delivery ${outcome}.`);
  };
}

/** Reports failed deliveries by the HTTP status of their answer, once that is known. */
export function countErrors(answered: Answered): ErrorRequestHandler {
  return function countError(error: unknown, _req, res, next) {
    res.once("finish", () => answered(String(res.statusCode)));
    next(error);
  };
}
