/** A timer this late means that the process stood still: it was stopped, or its machine was suspended. */
const STALL_MS = 1000;
/** After a stall, time to read what arrived meanwhile. */
const CATCH_UP_MS = 1000;

/**
 * Calls `onTimeout` after `ms` milliseconds, not counting time in which the process stood still. Timers run before sockets
 * are read, so a plain timer would, after a stall, throw away an answer that has already arrived, and its call would be
 * made again. Returns a function that cancels the timeout.
 */
export function startTimeout(ms: number, onTimeout: () => void): () => void {
  let dueAt = performance.now() + ms;
  let timer = setTimeout(check, ms);
  let lastLook: NodeJS.Immediate | undefined;

  function check(): void {
    if (performance.now() - dueAt > STALL_MS) {
      dueAt = performance.now() + CATCH_UP_MS;
      timer = setTimeout(check, CATCH_UP_MS);
    } else {
      // Sockets are read before this runs.
      lastLook = setImmediate(onTimeout);
    }
  }

  return () => {
    clearTimeout(timer);
    clearImmediate(lastLook);
  };
}
