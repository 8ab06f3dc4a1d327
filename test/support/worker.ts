import { onTestFinished } from "vitest";
import type { CallGate } from "../../src/http/http.ts";
import type { NewJob, PlatformName } from "../../src/job.ts";
import type { Platform } from "../../src/platforms/platform.ts";
import type { Inbox, Store } from "../../src/store/store.ts";
import { createCallGate } from "../../src/work/call-gate.ts";
import { createDeliveriesFirst } from "../../src/work/deliveries-first.ts";
import { createWorker, type Worker } from "../../src/work/worker.ts";
import { createLogSink, type LogSink } from "./log.ts";
import { openTestStore } from "./store.ts";

/** A platform that does nothing but what `handle` says. */
export function aPlatform(handle: Platform["handle"], name: PlatformName = "webex"): Platform {
  return {
    name,
    open: async () => [],
    handle,
    problem: () => null,
    warnings: () => [],
    start: async () => {},
    stop: async () => {},
  };
}

export type Bench = { worker: Worker; store: Store; gate: CallGate; sink: LogSink };

export type BenchOptions = {
  handle: Platform["handle"];
  /** All of them handle jobs in the same way; Webex unless told otherwise. */
  platforms?: readonly PlatformName[];
  store?: Store;
  /** What the worker sees of the store's inbox. */
  inbox?: (inbox: Inbox) => Inbox;
  /** How many jobs may be in hand at the most. */
  concurrency?: number;
  /** How many of those may be in hand now. */
  mostNow?: () => number;
  longestPauseMs?: number;
};

/** A worker over a real store, not started yet; stopped when the test is finished. Its back-off has no jitter. */
export function createBench(options: BenchOptions): Bench {
  const { handle, store = openTestStore(), inbox, concurrency: most = 64, mostNow = () => most } = options;
  const { longestPauseMs } = options;
  const sink = createLogSink();
  const names = options.platforms ?? ["webex"];
  const gate = createCallGate(store.holds, sink.log);
  const worker = createWorker({
    gate,
    store: { ...store, inbox: inbox ? inbox(store.inbox) : store.inbox },
    platforms: names.map((name) => aPlatform(handle, name)),
    log: sink.log,
    random: () => 0,
    mostInHand: most,
    ...(longestPauseMs !== undefined && { longestPauseMs }),
    deliveries: { ...createDeliveriesFirst({ most, whenBusy: 8 }), adjustedLimit: mostNow },
  });
  onTestFinished(() => worker.stop(0).catch(() => {}));
  return { worker, store, gate, sink };
}

/** The same, at work already. */
export async function startBench(options: BenchOptions): Promise<Bench> {
  const bench = createBench(options);
  await bench.worker.start();
  return bench;
}

export type Barrier = {
  /** How many stand before it now. */
  waiting(): number;
  /** Resolves once let through. */
  pass(): Promise<void>;
  /** Lets so many through, the first come first. */
  open(count?: number): void;
};

/** Holds whoever comes until the test lets them through. */
export function createBarrier(): Barrier {
  const held: (() => void)[] = [];
  return {
    waiting: () => held.length,
    pass: () => new Promise((resolve) => void held.push(resolve)),
    open(count = held.length) {
      for (const letThrough of held.splice(0, count)) letThrough();
    },
  };
}

/** Accepts jobs as a delivery would. */
export async function deliver({ store, worker }: Bench, ...jobs: NewJob[]): Promise<void> {
  await store.inbox.accept(jobs);
  worker.arrived();
}
