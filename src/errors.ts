/** Nothing proves that the delivery comes from the platform. Answered 401. */
export class Unauthentic extends Error {
  override name = "Unauthentic";
}

/** For the reader of an error page: what to do, and where. */
export type Hint = { readonly advice: string; readonly path: string; readonly link: string };

/** The request is not what the route accepts. Answered 400; the sender sees the message and the hint. */
export class Malformed extends Error {
  override name = "Malformed";
  readonly hint: Hint | null;

  constructor(message: string, options: ErrorOptions & { hint?: Hint } = {}) {
    super(message, options);
    this.hint = options.hint ?? null;
  }
}

/** The Content-Type is not JSON, so the body was not read. Answered 415. */
export class NotJson extends Error {
  override name = "NotJson";
}

/** The operator's password is missing or wrong. Answered 401, so that the browser asks for it. */
export class NotOperator extends Error {
  override name = "NotOperator";
  /** False: none was sent, as by a browser that has not asked for it yet. */
  readonly wasGiven: boolean;

  constructor(message: string, { wasGiven }: { wasGiven: boolean }) {
    super(message);
    this.wasGiven = wasGiven;
  }
}

/** The settings do not allow this requester, although the request is genuine. Answered 403; the sender sees the message. */
export class NotAllowed extends Error {
  override name = "NotAllowed";
}

/** Nothing proves that the form was sent from our own page (CSRF). Answered 403; the sender sees the message. */
export class Forged extends Error {
  override name = "Forged";
}

/** One address sends too many requests. Answered 429. */
export class TooManyRequests extends Error {
  override name = "TooManyRequests";
}

/** There is no job of that key any more, or never was. Answered 404. */
export class NoSuchJob extends Error {
  override name = "NoSuchJob";
}

/** The route does not support this method. Answered 405. */
export class WrongMethod extends Error {
  override name = "WrongMethod";
}

/** The request needs something whose settings are missing. Answered 503; the message names them. */
export class NotSetUp extends Error {
  override name = "NotSetUp";
}

/** More is being received at once than memory allows. Answered 503; the sender sees the message. */
export class TooBusy extends Error {
  override name = "TooBusy";
}

/** The database could not read or write. Nothing of a failed commit is kept. Answered 503. */
export class StoreError extends Error {
  override name = "StoreError";
}

/** Our lease of the job has run out: what we did with it no longer counts. */
export class LeaseLost extends Error {
  override name = "LeaseLost";
}

/** The operator must fix something before the server can start. The message is all they need to see. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

export type PlatformErrorFacts = {
  /** False: no call was made, so this says nothing about the platform. Default: true. */
  wasAsked?: boolean;
  /** HTTP status of the answer; null when there was none. */
  status?: number | null;
  /** The platform's own name for the error, e.g. "authentication" or "invalid_grant". */
  type?: string | null;
  /** True: the same call may succeed later. False: it will be refused again. */
  retryable: boolean;
  /** True: the platform certainly did not carry out the call, so there is nothing to undo. Default: not `retryable`. */
  wasNotDone?: boolean;
  /** The platform asked to wait at least this many milliseconds. */
  retryAfterMs?: number | null;
  /** True: the job is retried until this succeeds, however many attempts it takes. */
  mustSucceed?: boolean;
  /** The region in which the platform wants the call instead. */
  region?: string | null;
};

/** A call to a platform failed. Branch on the fields, never on the message, which holds no secret and no chat text. */
export class PlatformError extends Error {
  override name = "PlatformError";
  readonly wasAsked: boolean;
  readonly status: number | null;
  readonly type: string | null;
  readonly retryable: boolean;
  readonly wasNotDone: boolean;
  readonly retryAfterMs: number | null;
  readonly mustSucceed: boolean;
  readonly region: string | null;

  constructor(message: string, facts: PlatformErrorFacts, options?: ErrorOptions) {
    super(message, options);
    this.wasAsked = facts.wasAsked ?? true;
    this.status = facts.status ?? null;
    this.type = facts.type ?? null;
    this.retryable = facts.retryable;
    this.wasNotDone = facts.wasNotDone ?? !facts.retryable;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.mustSucceed = facts.mustSucceed ?? false;
    this.region = facts.region ?? null;
  }
}

/** Whether the operator can do something about it: the message is all they need to see. Anything else is a bug of ours. */
export function isForOperator(error: unknown): error is Error {
  return [ConfigError, StoreError, PlatformError].some((kind) => error instanceof kind);
}

/** Whether a platform refused the call and would refuse it again. */
export function isFinal(error: unknown): error is PlatformError {
  return error instanceof PlatformError && !error.retryable;
}

/** Whether it shows the platform as a whole failing for a while: no answer, a 5xx, or too many requests. */
export function isOutage(error: unknown): error is PlatformError {
  if (!(error instanceof PlatformError) || !error.retryable || !error.wasAsked) return false;
  return error.status === null || error.status >= 500 || error.status === 429;
}

/** Whether the failed call leaves nothing to undo. */
export function wasNotDone(error: unknown): boolean {
  return error instanceof PlatformError && error.wasNotDone;
}

/**
 * The error to report when `first` failed and a call made because of it failed as well. It has the facts of the second
 * failure, which decide how to go on. The message begins with the first cause, or with the second failure if that one is
 * final: it tells somebody what to do. `then`: what could not be done, e.g. "the bot could not leave".
 */
export function afterFailure(first: unknown, then: string, failure: unknown): unknown {
  if (!(failure instanceof PlatformError)) return failure;
  const [cause, sentence] = [sentenceOf(first), sentenceOf(failure)];
  const both = isFinal(failure) ? `${sentence} Before that: ${cause}` : `${cause} Then ${then}: ${sentence}`;
  return new PlatformError(both, failure, { cause: failure });
}

/** The message of anything that was thrown. */
export function sentenceOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
