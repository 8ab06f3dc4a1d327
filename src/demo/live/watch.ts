import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../../errors.ts";
import { createTitles } from "../../health/titles.ts";
import { DESCRIPTIONS } from "../../platforms/list.ts";
import type { Exchange } from "../../sandbox/exchanges.ts";
import type { InboxDesk, JobState, Store } from "../../store/store.ts";
import type { Holder, JobLine, View, WireRow } from "./view.ts";

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
  newestFirst(): WireRow[];
};

/** The latest exchanges. One that is noted again replaces what was known of it. Calls that only look at webhooks share a row. */
export function createExchangeLog(): ExchangeLog {
  const kept = new Map<string, WireRow>();
  return {
    note(exchange) {
      const rowId = rowIdOf(exchange);
      const known = kept.get(rowId);
      const age = exchange.id - (known?.id ?? exchange.id);
      if (age < 0) return;
      // The row moves to where its latest call is.
      if (age > 0) kept.delete(rowId);
      kept.set(rowId, { ...exchange, rowId, times: (known?.times ?? 1) + (age > 0 ? 1 : 0) });
      const [oldest] = kept.keys();
      if (kept.size > EXCHANGES_KEPT && oldest !== undefined) kept.delete(oldest);
    },
    newestFirst: () => [...kept.values()].reverse(),
  };
}

/** Calls that only ask how the webhooks are, and are made again and again. */
const WEBHOOK_LOOK = /^GET .*\/webhooks$|\/(list_webhooks|get_license_webhooks_state)$/;

function rowIdOf({ id, kind, platform, method, path }: Exchange): string {
  const [name = ""] = path.split("?");
  const isLook = kind === "call" && WEBHOOK_LOOK.test(`${method} ${name}`);
  return isLook ? `${platform}${name.replaceAll("/", "-")}` : String(id);
}

const LOOK_EVERY_MS = 150;
/** Enough that none is missed which somebody at the demo waits for. */
const JOBS_READ = 50;
const NONE: Record<JobState, number> = { waiting: 0, working: 0, done: 0, dead: 0 };

export type InboxWatch = { view(): View["inbox"]; stop(): Promise<void> };

export type InboxListeners = {
  /** Called with the newest jobs at every look. */
  looked(jobs: readonly JobLine[]): void;
  /** Called when they, or how many there are, have changed. */
  changed(): void;
  /** Which server has that name. */
  holderOf(name: string): Holder | null;
};

/** Reads the server's database from outside the server, so also while it is down. */
export function createInboxWatch(store: Store, { looked, changed, holderOf }: InboxListeners): InboxWatch {
  let seen: View["inbox"] = { counts: NONE, jobs: [] };
  let isStopped = false;
  const looking = look();

  async function look(): Promise<void> {
    while (!isStopped) {
      const next = await read().catch(unlessAway);
      if (next !== null) looked(next.jobs);
      if (next !== null && JSON.stringify(next) !== JSON.stringify(seen)) {
        seen = next;
        changed();
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  async function read(): Promise<View["inbox"]> {
    return { counts: await store.desk.countByState(), jobs: await newest(store.desk, holderOf) };
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

/** A database may be away for a moment: what was seen before stays until the next look. */
function unlessAway(error: unknown): null {
  if (error instanceof StoreError) return null;
  throw error;
}

async function newest(desk: InboxDesk, holderOf: InboxListeners["holderOf"]): Promise<JobLine[]> {
  const jobs = await desk.list({ state: null, limit: JOBS_READ });
  return jobs.map(({ key, platform, state, attempts, nextAttemptAt, server }) => ({
    key,
    platform,
    title: titles.platform(platform),
    state,
    attempts,
    nextAttemptAt,
    holder: server === null ? null : holderOf(server),
  }));
}
