import type { RequestHandler } from "express";
import type { Log } from "./log.ts";
import type { Platform } from "./platforms/platform.ts";
import type { Inbox } from "./store/store.ts";

export type ReceiveOptions = {
  platform: Platform;
  inbox: Inbox;
  /** Called once something new is in the inbox. */
  nudge: () => void;
  log: Log;
};

/** What is not said to be JSON is not read. */
const NOT_JSON = "The body must be JSON, with Content-Type: application/json.";

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
export function createReceive({ platform, inbox, nudge, log }: ReceiveOptions): RequestHandler {
  return async function receive(req, res) {
    const answer = (status: Status) => {
      res.locals.answer = status;
      res.writeHead(200, ANSWERS[status].headers).end(ANSWERS[status].body);
    };
    const { body }: { body: unknown } = req;
    if (!Buffer.isBuffer(body)) {
      res.status(415).json({ error: NOT_JSON });
      return;
    }
    const jobs = await platform.open({ body, headers: req.headers });
    if (jobs.length === 0) {
      answer("ignored");
      return;
    }
    const added = await inbox.accept(jobs);
    const status = added > 0 ? "accepted" : "duplicate";
    answer(status);
    if (added > 0) nudge();
    log.info({ jobs: jobs.map(({ key }) => key) }, `Delivery ${status}.`);
  };
}

/** Tells how each delivery was answered: by its status as a delivery, or where it was refused, by the HTTP status. */
export function countAnswers(answered: (answer: string) => void): RequestHandler {
  return function countAnswer(_req, res, next) {
    res.once("finish", () => answered(String(res.locals.answer ?? res.statusCode)));
    next();
  };
}
