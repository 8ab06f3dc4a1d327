import type { ErrorRequestHandler, RequestHandler } from "express";
import { NotJson } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Inbox } from "../store/store.ts";

export type ReceiveOptions = {
  platform: Platform;
  inbox: Inbox;
  /** Called once something new is in the inbox. */
  arrived: () => void;
  answered: Answered;
  log: Log;
};

/** Told how each delivery was answered: by its status as a delivery, or after an error by the HTTP status. */
export type Answered = (answer: string) => void;

type Status = "accepted" | "duplicate" | "ignored";

/** There are no others, so that nothing has to be worked out for each delivery. */
const ANSWERS: Readonly<Record<Status, ReturnType<typeof answerOf>>> = {
  accepted: answerOf("accepted"),
  duplicate: answerOf("duplicate"),
  ignored: answerOf("ignored"),
};

function answerOf(status: Status) {
  const body = JSON.stringify({ status });
  const headers = { "Content-Type": "application/json; charset=utf-8", "Content-Length": body.length };
  return { body, headers };
}

/** One delivery, whose body was read as bytes where it is JSON: opened, kept, and only then answered. */
export function createReceive({ platform, inbox, arrived, answered, log }: ReceiveOptions): RequestHandler {
  return async function receive(req, res) {
    const answer = (status: Status) => {
      res.writeHead(200, ANSWERS[status].headers).end(ANSWERS[status].body);
      answered(status);
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
    const status = added > 0 ? "accepted" : "duplicate";
    answer(status);
    if (added > 0) arrived();
    log.info({ jobs: jobs.map(({ key }) => key) }, `Delivery ${status}.`);
  };
}

/** Counts what is thrown on the way, once it is known which status that becomes. */
export function countErrors(answered: Answered): ErrorRequestHandler {
  return function countError(error: unknown, _req, res, next) {
    res.once("finish", () => answered(String(res.statusCode)));
    next(error);
  };
}
