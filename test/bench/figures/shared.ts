import type { Bench } from "../bench.ts";

/** Does the work once for each benchmark, whoever of its figures asks first. */
export function shared<T>(work: (bench: Bench) => Promise<T>): (bench: Bench) => Promise<T> {
  const known = new WeakMap<Bench, Promise<T>>();
  return (bench) => {
    const one = known.get(bench) ?? work(bench);
    known.set(bench, one);
    return one;
  };
}
