import { setTimeout as sleep } from "node:timers/promises";
import { createTitles } from "../../health/titles.ts";
import { DESCRIPTIONS } from "../../platforms/list.ts";
import type { InboxDesk, JobState, Store } from "../../store/store.ts";
import type { JobLine, View } from "./view.ts";

const LOOK_EVERY_MS = 150;
const JOBS_SHOWN = 4;
const titles = createTitles(DESCRIPTIONS);
const NONE: Record<JobState, number> = { waiting: 0, working: 0, done: 0, dead: 0 };

export type InboxWindow = { view(): View["inbox"]; stop(): Promise<void> };

/** Looks into the server's database from beside it, whether the server runs or not. */
export function createInboxWindow(store: Store, changed: () => void): InboxWindow {
  let seen: View["inbox"] = { counts: NONE, jobs: [] };
  let isStopped = false;
  const looking = look();

  async function look(): Promise<void> {
    while (!isStopped) {
      const next = { counts: await store.desk.countByState(), jobs: await newest(store.desk) };
      if (JSON.stringify(next) !== JSON.stringify(seen)) {
        seen = next;
        changed();
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  return {
    view: () => seen,
    async stop() {
      isStopped = true;
      await looking;
      await store.close();
    },
  };
}

async function newest(desk: InboxDesk): Promise<JobLine[]> {
  const jobs = await desk.list({ state: null, limit: JOBS_SHOWN });
  return jobs.map(({ key, platform, state, attempts, nextAttemptAt }) => ({
    key,
    platform: titles.platform(platform),
    state,
    attempts,
    nextAttemptAt,
  }));
}
