import type { Bench } from "../bench.ts";

/**
 * Requests per second that the load is good for at the least: as many as a server with next to no work to do answers.
 * Only far below that does a figure tell of the server and not of the load.
 */
export async function measureCeiling(bench: Bench): Promise<number> {
  const trivial = await bench.startOther("trivial");
  const order = { kinds: ["smalltalk"], connections: 32, ms: bench.pace.roundMs / 2 } as const;
  await bench.flood(trivial, order);
  const { perSecond } = await bench.flood(trivial, order);
  await trivial.stop();
  return perSecond;
}
