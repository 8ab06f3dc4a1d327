import type { ErrorRequestHandler, Response } from "express";
import {
  Malformed,
  NotAllowed,
  NotSetUp,
  PlatformError,
  StoreError,
  sentenceOf,
  TooManyRequests,
  Unauthentic,
  WrongMethod,
} from "./errors.ts";
import type { Log } from "./log.ts";
import { errorPage } from "./pages/error.ts";

export type Refusal = {
  status: number;
  /** For the sender's eyes. */
  sentence: string;
};

/** How an error is answered: with which status, and which sentence. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Malformed) return { status: 400, sentence: error.message };
  if (error instanceof Unauthentic) return { status: 401, sentence: error.message };
  if (error instanceof WrongMethod) return { status: 405, sentence: error.message };
  if (error instanceof NotAllowed) return { status: 403, sentence: error.message };
  if (error instanceof TooManyRequests) return { status: 429, sentence: `${error.message} Wait a minute.` };
  if (error instanceof NotSetUp) return { status: 503, sentence: error.message };
  if (error instanceof StoreError)
    return { status: 503, sentence: "The database cannot keep this now. Try again." };
  if (error instanceof PlatformError) return { status: 502, sentence: error.message };
  return bodyRefusal(error) ?? { status: 500, sentence: "The server made a mistake. Its log says more." };
}

/** Errors of express.raw, which carry their status; the sentences are ours. */
function bodyRefusal(error: unknown): Refusal | null {
  const status = error instanceof Error && "status" in error ? error.status : null;
  if (status === 413) return { status, sentence: "The body is larger than 1 MB." };
  if (status === 415) return { status, sentence: "The body must not be compressed." };
  if (status === 400) return { status, sentence: "The request was cut off or is not valid HTTP." };
  return null;
}

const TITLES: Readonly<Record<number, string>> = {
  400: "That did not work",
  403: "Not on this server",
  429: "Slowly, please",
  502: "chat.io did not go along",
  503: "Not available now",
};

const ADVICE: Readonly<Record<number, string>> = {
  400: "Begin again at the start, in one browser, without waiting long.",
  403: "Nothing was installed. Whoever runs this server decides which licenses may use it.",
  429: "Nothing is lost; go back and try again then.",
  502: "Nothing was installed. Begin again at the start; if it happens again, look at the app's settings in the chat.io developers console: redirect URI and scopes.",
  503: "Nothing was installed. Whoever runs this server can say when it is ready.",
};

/** Answers in JSON; for routes that platforms and machines use. */
export function answerAsJson(log: Log): ErrorRequestHandler {
  return answering(log, (res, { status, sentence }) => {
    res.status(status).json({ error: sentence });
  });
}

/** Answers with a page; for routes that people open in a browser. */
export function answerAsPage(log: Log): ErrorRequestHandler {
  return answering(log, (res, { status, sentence }) => {
    const advice = ADVICE[status] ?? "Try again later, or ask whoever runs this server.";
    res.status(status).send(errorPage(TITLES[status] ?? "Something went wrong", sentence, advice));
  });
}

function answering(log: Log, answer: (res: Response, refusal: Refusal) => void): ErrorRequestHandler {
  return function onError(error: unknown, req, res, next) {
    if (res.headersSent) {
      next(error);
      return;
    }
    const refusal = refusalOf(error);
    const line = { method: req.method, path: req.path, status: refusal.status };
    if (refusal.status === 500)
      log.error({ ...line, err: error }, "A request failed for a mistake in the server.");
    else log.warn(line, `Refused: ${sentenceOf(error)}`);
    answer(res, refusal);
  };
}
