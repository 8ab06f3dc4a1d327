/** A timer this late means that the process stood still: it was stopped, or its machine was suspended. */
const STALL_MS = 1000;
/** What arrived while the process stood still is read within this time. */
const CATCH_UP_MS = 1000;

/**
 * Calls `lose` once `ms` milliseconds have passed in which this process could have read an answer. Timers run before
 * sockets are read, so after a pause of the process an answer that is there would be thrown away, and its call made again.
 * Returns what ends it.
 */
export function startPatience(ms: number, lose: () => void): () => void {
  let dueAt = performance.now() + ms;
  let timer = setTimeout(check, ms);
  let lastLook: NodeJS.Immediate | undefined;

  function check(): void {
    if (performance.now() - dueAt > STALL_MS) {
      dueAt = performance.now() + CATCH_UP_MS;
      timer = setTimeout(check, CATCH_UP_MS);
    } else {
      lastLook = setImmediate(lose);
    }
  }

  return () => {
    clearTimeout(timer);
    clearImmediate(lastLook);
  };
}
