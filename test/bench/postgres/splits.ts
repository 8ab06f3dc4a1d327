import { table } from "../../../src/cli/command.ts";
import { median } from "../figure.ts";
import { amount } from "../report.ts";
import type { Cluster } from "./clusters.ts";
import { limitOf, type Party, type Use } from "./processor.ts";

/** How fast a cluster was once, and who has used the processor. */
export type Sample = { perSecond: number; p99: number; count: number; use: Use | null };

/** Who uses the processor for a thousand deliveries or reactions of a cluster, and what limits their rate; medians. */
export type Split = {
  what: "acks" | "reactions";
  cluster: string;
  perSecond: number;
  /** Milliseconds for a thousand. */
  msPerThousand: Record<Party, number>;
  /** Of all processors, by anybody. */
  busy: number;
  /** The same, by these parties alone. */
  own: number;
  limit: string;
};

/** The samples of each cluster. */
export type Taken = { cluster: Pick<Cluster, "name">; samples: Sample[] }[];

/** Who has used the processor; nobody knows outside of Linux. */
export function splitsOf(what: Split["what"], taken: Taken): Split[] {
  return taken.flatMap(({ cluster, samples }) => {
    const known = samples.flatMap(({ use, count }) => (use === null ? [] : { use, count }));
    // Of the busiest process, the round in the middle.
    const middle = known.toSorted((a, b) => a.use.busiest.share - b.use.busiest.share)[known.length >> 1];
    if (middle === undefined) return [];
    const part = (party: Party) => median(known.map(({ use, count }) => (use.tookMs[party] * 1000) / count));
    const busy = median(known.map(({ use }) => use.busy));
    return {
      what,
      cluster: cluster.name,
      perSecond: median(samples.map(({ perSecond }) => perSecond)),
      msPerThousand: {
        servers: part("servers"),
        postgres: part("postgres"),
        load: part("load"),
        platforms: part("platforms"),
      },
      busy,
      own: median(known.map(({ use }) => use.own)),
      limit: limitOf({ busy, busiest: middle.use.busiest }),
    };
  });
}

/** For people. */
export function splitsTable(splits: readonly Split[]): string {
  return table(
    splits.map(({ what, cluster, perSecond, msPerThousand, busy, own, limit }) => ({
      "processor time for 1,000": `${what} of ${cluster}`,
      rate: amount(perSecond, "/s"),
      servers: `${Math.round(msPerThousand.servers)} ms`,
      postgresql: `${Math.round(msPerThousand.postgres)} ms`,
      load: `${Math.round(msPerThousand.load)} ms`,
      platforms: `${Math.round(msPerThousand.platforms)} ms`,
      own: `${Math.round(own * 100)}%`,
      busy: `${Math.round(busy * 100)}%`,
      limit,
    })),
  );
}
