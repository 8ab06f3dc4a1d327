import { z } from "zod";
import type { Bench } from "../bench.ts";
import { type FigureFacts, type Measured, measuredOf } from "../figure.ts";
import { startHelper } from "../processes/helper.ts";
import { fillJobs } from "./fill.ts";

const BATCHES = 60;
const SIZE = "1,000,000 settled, 100,000 waiting";

const times = z.object({
  claim: z.number(),
  accept: z.number(),
  due: z.number(),
  count: z.number(),
  list: z.number(),
});
const rounds = z.array(z.object({ empty: times, full: times }));

const common = { baseline: "an empty inbox", unit: "ms" } as const;
const bounded = { ...common, target: { ratio: { atMost: 1.3 } } } as const;
const FIGURES: Readonly<Record<keyof z.infer<typeof times>, FigureFacts>> = {
  claim: { ...bounded, id: "postgres-claim", name: `claim time on PostgreSQL (16 jobs) with ${SIZE}` },
  accept: {
    ...bounded,
    id: "postgres-accept",
    name: `ack time on PostgreSQL (16 jobs in a commit) with ${SIZE}`,
  },
  due: {
    ...common,
    target: {},
    id: "postgres-due",
    name: `when the next job is due, on PostgreSQL with ${SIZE}`,
  },
  count: {
    ...common,
    target: {},
    id: "postgres-count",
    name: `how many jobs there are, on PostgreSQL with ${SIZE}`,
  },
  list: { ...common, target: {}, id: "postgres-list", name: `a page of 50 jobs, on PostgreSQL with ${SIZE}` },
};

/** Times the inbox over a full and over an empty database of PostgreSQL, in turns; nothing is in either yet. */
export async function measureInboxes(
  { pace, resources }: Bench,
  databases: { empty: string; full: string },
): Promise<Measured[]> {
  await fillJobs(databases.full, pace.jobs);
  const { ask, kill } = resources.keep(startHelper(new URL("inbox-times.ts", import.meta.url)));
  const order = { ...databases, rounds: pace.percentileRounds, batches: BATCHES };
  const measured = await ask("compare", order, rounds);
  kill();
  return times.keyof().options.map((name) =>
    measuredOf(
      FIGURES[name],
      measured.map(({ full, empty }) => ({ ours: full[name], baseline: empty[name] })),
    ),
  );
}
