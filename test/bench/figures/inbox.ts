import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Figure } from "../figure.ts";
import { startInboxes } from "../inbox/index.ts";
import { shared } from "./shared.ts";

const BATCHES = 40;
const common = { baseline: "an empty inbox", unit: "ms", target: { ratio: { atMost: 1.3 } } } as const;

export const acceptTime: Figure = {
  ...common,
  id: "inbox-accept",
  name: "ack time (64 jobs, 16 a commit) with 1,000,000 settled, 100,000 waiting",
  measure: (bench) => rounds(bench, "acceptMs"),
};

export const claimTime: Figure = {
  ...common,
  id: "inbox-claim",
  name: "claim time (64 jobs) with 1,000,000 settled, 100,000 waiting",
  measure: (bench) => rounds(bench, "claimMs"),
};

async function rounds(bench: Bench, time: "acceptMs" | "claimMs") {
  const measured = await compared(bench);
  return measured.map(({ full, empty }) => ({ ours: full[time] / BATCHES, baseline: empty[time] / BATCHES }));
}

/** Both figures are of the same work, and filling a database is the longest part of it. */
const compared = shared(async ({ pace, resources }) => {
  const folder = join(resources.folder, "inboxes");
  mkdirSync(folder);
  const { compare: ask, kill } = resources.keep(startInboxes());
  const measured = await ask({ folder, ...pace.jobs, rounds: pace.rounds, batches: BATCHES });
  kill();
  return measured;
});
