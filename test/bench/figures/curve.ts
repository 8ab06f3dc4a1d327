import type { Bench } from "../bench.ts";
import { median } from "../figure.ts";
import { CONNECTIONS, floods } from "./acks.ts";

/** Of a server's own maximum. */
const SHARES = [0.25, 0.5, 0.75, 0.9, 1];
const UPSTREAM_MS = 1000;

/** Ack latency in ms at a share of the maximum. */
export type Point = { share: number; p50: number; p99: number };
export type Line = { maxPerSecond: number; points: Point[] };
export type Curve = { ours: Line; bare: Line };

/** Ack latency against load, of webhooks that need a reaction while the worker sits at its limit, and of bare Express. */
export async function measureCurve(bench: Bench): Promise<Curve> {
  const maxima = await floods(bench, "pizza", UPSTREAM_MS, bench.pace.rounds);
  const { ours, bare } = await bench.pair(UPSTREAM_MS);
  const load = { kinds: ["pizza"], connections: CONNECTIONS, ms: bench.pace.roundMs * 0.7 } as const;
  const curve: Curve = {
    bare: { maxPerSecond: median(maxima.map(({ baseline }) => baseline)), points: [] },
    ours: { maxPerSecond: median(maxima.map(({ ours: perSecond }) => perSecond)), points: [] },
  };
  for (const share of SHARES) {
    for (const [target, line] of [
      [bare, curve.bare],
      [ours, curve.ours],
    ] as const) {
      ours.empty();
      const { p50, p99 } = await bench.drip(target, { ...load, perSecond: line.maxPerSecond * share });
      line.points.push({ share, p50, p99 });
    }
  }
  return curve;
}
