import { setTimeout as sleep } from "node:timers/promises";
import { createTitles } from "../../health/titles.ts";
import { DESCRIPTIONS } from "../../platforms/list.ts";
import type { Exchange } from "../../sandbox/exchanges.ts";
import type { InboxDesk, JobState, Store } from "../../store/store.ts";
import type { JobLine, View } from "./view.ts";

/** Milliseconds from a change to its report; whatever changes meanwhile is reported with it. */
const PAUSE_MS = 40;

const titles = createTitles(DESCRIPTIONS);

export type News = {
  /** Something has changed. */
  changed(): void;
  /** Calls back after changes, until the returned function is called. */
  subscribe(listener: () => void): () => void;
};

/** Reports changes to the open pages, no more often than eyes can follow. */
export function createNews(): News {
  const listeners = new Set<() => void>();
  let isComing = false;

  function report(): void {
    isComing = false;
    for (const listener of listeners) listener();
  }

  return {
    changed() {
      if (!isComing) setTimeout(report, PAUSE_MS);
      isComing = true;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const EXCHANGES_KEPT = 40;

export type ExchangeLog = {
  note(exchange: Exchange): void;
  newestFirst(): Exchange[];
  /** Whether one has ended without an answer or with an error. */
  hasFailed(): boolean;
};

/** The latest exchanges. One that is noted again replaces what was known of it. */
export function createExchangeLog(): ExchangeLog {
  const kept = new Map<Exchange["id"], Exchange>();
  let hasFailed = false;
  return {
    note(exchange) {
      kept.set(exchange.id, exchange);
      hasFailed ||= exchange.ms !== null && (exchange.status === null || exchange.status >= 400);
      const [oldest] = kept.keys();
      if (kept.size > EXCHANGES_KEPT && oldest !== undefined) kept.delete(oldest);
    },
    newestFirst: () => [...kept.values()].reverse(),
    hasFailed: () => hasFailed,
  };
}

const LOOK_EVERY_MS = 150;
const JOBS_SHOWN = 4;
const NONE: Record<JobState, number> = { waiting: 0, working: 0, done: 0, dead: 0 };

export type InboxWatch = { view(): View["inbox"]; stop(): Promise<void> };

/** Reads the server's database from outside the server, so also while it is down. */
export function createInboxWatch(store: Store, changed: () => void): InboxWatch {
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
