import type { ErrorRequestHandler, Response } from "express";
import {
  Forged,
  Malformed,
  NoSuchJob,
  NotAllowed,
  NotJson,
  NotOperator,
  NotSetUp,
  PlatformError,
  StoreError,
  TooBusy,
  TooManyRequests,
  Unauthentic,
  WrongMethod,
} from "../errors.ts";
import { type Explain, errorPage, explain } from "./pages/error.ts";
import type { RejectionLog } from "./rejection-log.ts";

const MEGABYTE = 1_048_576;

export type ErrorAnswer = {
  status: number;
  /** What the sender may read. */
  sentence: string;
};

/** The status and sentence that answer an error. */
export function errorAnswerOf(error: unknown): ErrorAnswer {
  if (error instanceof Malformed) return { status: 400, sentence: error.message };
  if (error instanceof Unauthentic || error instanceof NotOperator)
    return { status: 401, sentence: error.message };
  if (error instanceof NoSuchJob) return { status: 404, sentence: error.message };
  if (error instanceof WrongMethod) return { status: 405, sentence: error.message };
  if (error instanceof NotAllowed || error instanceof Forged) return { status: 403, sentence: error.message };
  if (error instanceof NotJson) return { status: 415, sentence: error.message };
  if (error instanceof TooManyRequests) return { status: 429, sentence: `${error.message} Wait a minute.` };
  if (error instanceof NotSetUp || error instanceof TooBusy) return { status: 503, sentence: error.message };
  if (error instanceof StoreError)
    return { status: 503, sentence: "The database cannot be used now. Try again later." };
  if (error instanceof PlatformError) return { status: 502, sentence: error.message };
  return (
    bodyErrorAnswer(error) ?? {
      status: 500,
      sentence: "The server had an internal error. Its log says more.",
    }
  );
}

/** For errors of Express's body readers, which carry their status; the sentences are ours. */
function bodyErrorAnswer(error: unknown): ErrorAnswer | null {
  if (!(error instanceof Error && "status" in error)) return null;
  const { status } = error;
  if (status === 413) return { status, sentence: `The body is larger than ${limitOf(error)}.` };
  if (status === 415) return { status, sentence: "The body must not be compressed." };
  if (status === 400) return { status, sentence: "The request was cut off or is not valid HTTP." };
  return null;
}

function limitOf(error: object): string {
  const bytes = "limit" in error ? Number(error.limit) : 0;
  if (bytes === 0) return "allowed";
  return bytes < MEGABYTE ? `${bytes / 1024} kB` : `${bytes / MEGABYTE} MB`;
}

/** Answers errors in JSON; for routes that platforms and machines use. */
export function answerAsJson(rejections: RejectionLog): ErrorRequestHandler {
  return answering(rejections, (res, { status, sentence }) => {
    res.status(status).json({ error: sentence });
  });
}

/** Answers errors with a page that says what to do; for routes that people open in a browser. */
export function answerAsPage(rejections: RejectionLog, explanation: Explain = explain): ErrorRequestHandler {
  return answering(rejections, (res, { status, sentence }, error) => {
    res.status(status).send(errorPage({ sentence, ...explanation(error, status) }));
  });
}

type Send = (res: Response, answer: ErrorAnswer, error: unknown) => void;

function answering(rejections: RejectionLog, send: Send): ErrorRequestHandler {
  return function onError(error: unknown, req, res, next) {
    if (res.headersSent) {
      next(error);
      return;
    }
    const answer = errorAnswerOf(error);
    rejections.note(req, answer.status, error);
    send(res, answer, error);
  };
}
