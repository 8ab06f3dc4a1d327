/** After a failure: whoever asks so soon after it would learn nothing new. */
const PAUSE_MS = 1000;

/**
 * One attempt for all who ask for the same at the same time: they share what comes of it, and a failure is shared by
 * whoever asks within a second after it. By key the latest subject counts.
 */
export function createSharing<Result>() {
  const attempts = new Map<number, { subject: string; result: Promise<Result>; sharedUntil: number }>();

  return function shared(key: number, subject: string, work: () => Promise<Result>): Promise<Result> {
    const earlier = attempts.get(key);
    if (earlier?.subject === subject && performance.now() < earlier.sharedUntil) return earlier.result;
    const attempt = { subject, result: work(), sharedUntil: Number.POSITIVE_INFINITY };
    attempts.set(key, attempt);
    attempt.result.then(
      () => {
        if (attempts.get(key) === attempt) attempts.delete(key);
      },
      () => {
        attempt.sharedUntil = performance.now() + PAUSE_MS;
      },
    );
    return attempt.result;
  };
}
