/** The delivery does not prove that it comes from the platform. Answered 401. */
export class Unauthentic extends Error {
  override name = "Unauthentic";
}

/** For a person in front of a page: what to do about it, and where. */
export type Hint = { readonly advice: string; readonly path: string; readonly link: string };

/** The request is not what the route takes. Answered 400; message and hint are shown to the sender. */
export class Malformed extends Error {
  override name = "Malformed";
  readonly hint: Hint | null;

  constructor(message: string, options: ErrorOptions & { hint?: Hint } = {}) {
    super(message, options);
    this.hint = options.hint ?? null;
  }
}

/** The body is not said to be JSON, so it was not read. Answered 415. */
export class NotJson extends Error {
  override name = "NotJson";
}

/** The operator's password is missing or wrong. Answered 401, with the question for it. */
export class NotOperator extends Error {
  override name = "NotOperator";
}

/** Who asks is known, but not let in by the settings. Answered 403; the message is shown to the sender. */
export class NotAllowed extends Error {
  override name = "NotAllowed";
}

/** A form that changes something does not prove that it was sent from our page. Answered 403; the message is shown. */
export class Forged extends Error {
  override name = "Forged";
}

/** One address asks too often. Answered 429. */
export class TooManyRequests extends Error {
  override name = "TooManyRequests";
}

/** The route takes another method. Answered 405. */
export class WrongMethod extends Error {
  override name = "WrongMethod";
}

/** What the request needs is switched off for lack of settings. Answered 503; the message says which. */
export class NotSetUp extends Error {
  override name = "NotSetUp";
}

/** More is being received at once than there is memory for. Answered 503; the message is shown to the sender. */
export class TooBusy extends Error {
  override name = "TooBusy";
}

/** The database could not keep or read something. Nothing of the failed commit is kept. Answered 503. */
export class StoreError extends Error {
  override name = "StoreError";
}

/** The job was leased to somebody else in the meantime: what we did with it no longer counts. */
export class LeaseLost extends Error {
  override name = "LeaseLost";
}

/** Something an operator has to put right before the server can start. The message is all they need to see. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

export type PlatformErrorFacts = {
  /** False: no call was made, so it tells nothing of the platform. */
  wasAsked?: boolean;
  /** HTTP status of the answer; null when there was none. */
  status?: number | null;
  /** The platform's own name for the error, e.g. "authentication" or "invalid_grant". */
  type?: string | null;
  /** True: the same call may succeed later. False: it will be refused again. */
  retryable: boolean;
  /** True: the platform certainly did not carry out the call, so there is nothing to undo. What it refuses for good is not. */
  wasNotDone?: boolean;
  /** Not before this many milliseconds, where the platform said so. */
  retryAfterMs?: number | null;
  /** True: the job must not be given up before this has succeeded, however many attempts it takes. */
  mustSucceed?: boolean;
};

/** A call to a platform failed. Branch on the fields, never on the message; it holds no secret and no message text. */
export class PlatformError extends Error {
  override name = "PlatformError";
  readonly wasAsked: boolean;
  readonly status: number | null;
  readonly type: string | null;
  readonly retryable: boolean;
  readonly wasNotDone: boolean;
  readonly retryAfterMs: number | null;
  readonly mustSucceed: boolean;

  constructor(message: string, facts: PlatformErrorFacts, options?: ErrorOptions) {
    super(message, options);
    this.wasAsked = facts.wasAsked ?? true;
    this.status = facts.status ?? null;
    this.type = facts.type ?? null;
    this.retryable = facts.retryable;
    this.wasNotDone = facts.wasNotDone ?? !facts.retryable;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.mustSucceed = facts.mustSucceed ?? false;
  }
}

/** Whether a platform has refused the call and would refuse it again. */
export function isFinal(error: unknown): error is PlatformError {
  return error instanceof PlatformError && !error.retryable;
}

/** Whether it tells of the platform as a whole, and passes: no answer, a fault of its own, or too many requests. */
export function isOutage(error: unknown): error is PlatformError {
  if (!(error instanceof PlatformError) || !error.retryable || !error.wasAsked) return false;
  return error.status === null || error.status >= 500 || error.status === 429;
}

/** Whether a call failed in a way that leaves nothing to undo. */
export function wasNotDone(error: unknown): boolean {
  return error instanceof PlatformError && error.wasNotDone;
}

/**
 * The failure of a call that was made because another one had failed: its facts, since they say how to go on, with the first
 * cause in front. What is refused for good tells somebody what to do, so that comes first. `then`: what could not be done,
 * e.g. "the bot could not leave".
 */
export function afterFailure(first: unknown, then: string, failure: unknown): unknown {
  if (!(failure instanceof PlatformError)) return failure;
  const [cause, sentence] = [sentenceOf(first), sentenceOf(failure)];
  const both = isFinal(failure) ? `${sentence} Before that: ${cause}` : `${cause} Then ${then}: ${sentence}`;
  return new PlatformError(both, failure, { cause: failure });
}

/** The sentence of anything that was thrown. */
export function sentenceOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
