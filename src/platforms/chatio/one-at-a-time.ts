export type OneAtATime = <T>(key: number, work: () => Promise<T>) => Promise<T>;

/** Runs works of the same key one after the other, in the order they were asked for; other keys do not wait. */
export function createOneAtATime(): OneAtATime {
  const last = new Map<number, Promise<unknown>>();
  return function oneAtATime(key, work) {
    const turn = (last.get(key) ?? Promise.resolve()).then(work);
    const ended = turn
      .catch(() => {})
      .then(() => {
        if (last.get(key) === ended) last.delete(key);
      });
    last.set(key, ended);
    return turn;
  };
}
