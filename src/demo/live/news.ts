/** A change is told of after so many milliseconds, with whatever has changed meanwhile. */
const PAUSE_MS = 40;

export type News = {
  /** Something has changed. */
  changed(): void;
  /** Calls back after changes, until the returned function is called. */
  subscribe(listener: () => void): () => void;
};

/** Tells whoever listens that something has changed, not more often than eyes can follow. */
export function createNews(): News {
  const listeners = new Set<() => void>();
  let isComing = false;

  function tell(): void {
    isComing = false;
    for (const listener of listeners) listener();
  }

  return {
    changed() {
      if (!isComing) setTimeout(tell, PAUSE_MS);
      isComing = true;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
