/** A failure is shared with whoever asks within this time: asking again so soon would fail again. */
const SHARED_FAILURE_MS = 1000;

/**
 * Makes one attempt for everybody who asks for the same at the same time. They share its result, and a failure is shared
 * with whoever asks within a second. Of each account only the latest subject is remembered.
 */
export function createSharedAttempt<Result>() {
  const attempts = new Map<string, { subject: string; result: Promise<Result>; sharedUntil: number }>();

  return function shared(account: string, subject: string, work: () => Promise<Result>): Promise<Result> {
    const earlier = attempts.get(account);
    if (earlier?.subject === subject && performance.now() < earlier.sharedUntil) return earlier.result;
    const attempt = { subject, result: work(), sharedUntil: Number.POSITIVE_INFINITY };
    attempts.set(account, attempt);
    attempt.result.then(
      () => {
        if (attempts.get(account) === attempt) attempts.delete(account);
      },
      () => {
        attempt.sharedUntil = performance.now() + SHARED_FAILURE_MS;
      },
    );
    return attempt.result;
  };
}
