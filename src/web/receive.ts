import type { ErrorRequestHandler, RequestHandler } from "express";
import { NotJson, StoreError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Inbox, Store } from "../store/store.ts";

export type ReceiveOptions = {
  platform: Platform;
  inbox: Inbox;
  /** Called after new jobs were put into the inbox. */
  arrived: () => void;
  answered: Answered;
  log: Log;
};

/** Called with how each delivery was answered: its status, or the HTTP status of an error. */
export type Answered = (answer: string) => void;

type Status = "accepted" | "duplicate" | "ignored";

/** Prepared, so that no delivery has to compute its answer. */
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

/** Opens a delivery, keeps its jobs, and only then answers. Expects the body as a Buffer if it was JSON. */
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

/** Reports failed deliveries by the HTTP status of their answer, once that is known. */
export function countErrors(answered: Answered): ErrorRequestHandler {
  return function countError(error: unknown, _req, res, next) {
    res.once("finish", () => answered(String(res.statusCode)));
    next(error);
  };
}

/** More than a delivery writes, which is about eight pages of 4 kB. */
const AS_A_DELIVERY_BYTES = 65_536;

export type WatchedInbox = {
  /** The given inbox, watched. */
  inbox: Inbox;
  /** Throws StoreError if a delivery could not be kept now. */
  check(): Promise<void>;
};

/**
 * Makes the check of the database depend on what deliveries meet. On a disk that is nearly full, a small check may succeed
 * while deliveries fail: after a failed delivery the check writes as much as a delivery, until it or a delivery succeeds.
 */
export function watchDeliveries({ inbox, check }: Pick<Store, "inbox" | "check">): WatchedInbox {
  let isInDoubt = false;
  return {
    inbox: {
      ...inbox,
      async accept(jobs) {
        try {
          const added = await inbox.accept(jobs);
          isInDoubt = false;
          return added;
        } catch (error) {
          if (error instanceof StoreError) isInDoubt = true;
          throw error;
        }
      },
    },
    async check() {
      if (!isInDoubt) return check();
      await check(AS_A_DELIVERY_BYTES);
      isInDoubt = false;
    },
  };
}
