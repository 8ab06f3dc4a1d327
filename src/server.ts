import { setTimeout as sleep } from "node:timers/promises";
import { createFileLedger, createSampleLedger } from "./accounts.ts";
import { atPort } from "./config/any-port.ts";
import type { Config } from "./config/config.ts";
import { hasOnlyStandIns } from "./config/local.ts";
import { signingKeyOf } from "./config/signing-key.ts";
import { createDatabaseWatch } from "./health/database-watch.ts";
import { createFailingWatch } from "./health/failing.ts";
import { createTitles } from "./health/titles.ts";
import { createTroubleWatch } from "./health/troubles.ts";
import type { CallReport } from "./http/http.ts";
import { createLog, type Log } from "./log.ts";
import { createLogOutput } from "./log-output.ts";
import { textForOutput } from "./log-text.ts";
import { startNewsWatch } from "./news-watch.ts";
import { createObserver, type Observer } from "./observer.ts";
import { createActivity } from "./operator/activity.ts";
import { createMetrics } from "./operator/metrics.ts";
import { type KnownPlatform, PLATFORMS, type PlatformParts } from "./platforms/list.ts";
import type { Platform, PlatformEntry } from "./platforms/platform.ts";
import type { Ledger } from "./reactions/balance.ts";
import { createBuiltInRules, type WatchedRules, watchRules } from "./rules.ts";
import type { Store } from "./store/store.ts";
import { openServerStore } from "./stores.ts";
import { announce, announceJobs } from "./web/announce.ts";
import { createApp } from "./web/app.ts";
import { closeHttpServer, createHttpServer, type HttpLimits, listen } from "./web/http-server.ts";
import { createRejectionLog } from "./web/rejection-log.ts";
import { attemptCalls } from "./work/attempt-calls.ts";
import { createCallGate } from "./work/call-gate.ts";
import { startPruning } from "./work/prune.ts";
import { createWorker, type Worker } from "./work/worker.ts";

/** How long jobs and calls may take to finish when the server stops. Docker kills after 10 s. */
const STOP_GRACE_MS = 9000;
/** The part of it that open requests may use up. */
const REQUESTS_GRACE_MS = 2000;

/** Closes one thing, within `leftMs` milliseconds if it has to wait for others. */
type Closer = (leftMs: number) => Promise<void>;

export type Overrides = {
  log?: Log;
  openStore?: () => Store | Promise<Store>;
  /** In place of all known platforms. */
  platforms?: readonly KnownPlatform[];
  /** Where visitors of the home page come from, and what that is: "the demo". */
  back?: { url: string; name: string };
  /** How long one call to a platform may take, in ms. */
  timeoutMs?: number;
  /** The most milliseconds that the server itself waits until it tries a job again. Default: a minute. */
  longestPauseMs?: number;
  limits?: Partial<HttpLimits>;
};

export type RunningServer = {
  /** The address where it listens, without a slash at the end. */
  url: string;
  /** Stops accepting deliveries, finishes the jobs in hand, closes everything. */
  stop: () => Promise<void>;
};

/** Wires store, platforms, worker and routes together, and listens. Throws ConfigError for what an operator can fix. */
export async function startServer(given: Config, overrides: Overrides = {}): Promise<RunningServer> {
  const output = createLogOutput(await textForOutput());
  const log = overrides.log ?? createLog(given.logLevel, output);
  const http = createHttpServer(overrides.limits ?? {}, log);
  const closers: Closer[] = [];
  const stop = async () => {
    const stopBy = performance.now() + STOP_GRACE_MS;
    for (const close of closers.splice(0).reverse()) await close(Math.max(0, stopBy - performance.now()));
  };
  try {
    const open = overrides.openStore ?? (() => openServerStore(given, log));
    const opened = await open();
    closers.push(opened.close);
    const database = createDatabaseWatch({ check: opened.check, log });
    closers.push(database.stop);
    const store = { ...opened, inbox: database.watched(opened.inbox) };
    const gate = createCallGate(store.holds, log);
    const ledger = ledgerOf(given, log);
    const rules = rulesOf(given, log);
    closers.push(rules.stop);
    const url = await listen(http, given);
    // Nothing is awaited from here until the routes are in place, so that no request can arrive before them.
    const config = atPort(given, Number(new URL(url).port));

    const metrics = createMetrics(store, output.dropped);
    const activity = createActivity({ shared: store.minutes, log });
    closers.push(activity.stop);
    const failing = createFailingWatch();
    const observer = createObserver(metrics, activity, failing, attemptCalls);

    const known = overrides.platforms ?? PLATFORMS;
    const parts = { ledger, reaction: rules.reaction, gate, timeoutMs: overrides.timeoutMs, log };
    const entries = createPlatforms(known, config, parts, store, observer);
    const platforms = entries.flatMap(({ platform }) => platform ?? []);
    metrics.watch(platforms, failing);

    const titles = createTitles(entries.map(({ description }) => description));
    const troubles = createTroubleWatch({ failing, store, titles, log });
    closers.push(troubles.stop);

    const { isWorthWarning } = failing;
    const { longestPauseMs } = overrides;
    const patience = longestPauseMs === undefined ? {} : { longestPauseMs };
    const worker = createWorker({ store, platforms, gate, log, observer, isWorthWarning, ...patience });
    store.servers.onJobsElsewhere(worker.wake);
    closers.push((leftMs) => stopWork(worker, platforms, leftMs, log));
    closers.push(startPruning({ inbox: store.inbox, log, leads: store.servers.leads }).stop);

    const rejections = createRejectionLog(log);
    closers.push(async () => rejections.stop());
    const app = createApp({
      platforms: entries,
      store,
      database,
      ledger,
      arrived: worker.arrived,
      jobsPutBack: worker.wake,
      troubles: troubles.now,
      publicUrl: config.publicUrl,
      port: config.port,
      needsPublicAddress: !hasOnlyStandIns(config),
      back: overrides.back,
      signingKey: signingKeyOf(config),
      operatorPassword: config.operatorPassword,
      trustProxy: config.trustProxy,
      metrics,
      activity,
      observer,
      rejections,
      log,
    });
    http.on("request", app);
    closers.push(() => closeHttpServer(http, REQUESTS_GRACE_MS));

    announce(config, entries, url, log);
    await announceJobs(store.desk, log);
    for (const platform of platforms) await platform.start();
    closers.push(startNewsWatch(store.news, platforms, log).stop);
    await worker.start();
    troubles.start();
    activity.start();
    return { url, stop: () => stopAndLog(stop, log) };
  } catch (error) {
    http.close();
    await stop();
    throw error;
  }
}

async function stopAndLog(stop: () => Promise<void>, log: Log): Promise<void> {
  log.info(`Stopping. Jobs in hand have ${STOP_GRACE_MS / 1000} s to finish.`);
  await stop();
  log.info("Stopped.");
  const { promise, resolve } = Promise.withResolvers<void>();
  log.flush(() => resolve());
  await promise;
}

/** Every known platform, set up or not. */
function createPlatforms(
  known: readonly KnownPlatform[],
  config: Config,
  parts: Omit<PlatformParts, "installations" | "observe" | "leads" | "findings" | "publicUrl">,
  { installations, servers: { leads }, findings }: Store,
  { callEnded }: Observer,
): PlatformEntry[] {
  return known.map(({ description, create }) => {
    const { name } = description;
    const observe = (call: CallReport) => callEnded(name, call);
    const platform = create(config, {
      ...parts,
      installations: installations.of(name),
      publicUrl: config.publicUrl,
      observe,
      leads,
      findings,
    });
    return { description, platform };
  });
}

function ledgerOf({ accountsFile }: Config, log: Log): Ledger {
  return accountsFile === null ? createSampleLedger() : createFileLedger(accountsFile, log);
}

function rulesOf({ reactionsFile }: Config, log: Log): WatchedRules {
  return reactionsFile === null ? createBuiltInRules() : watchRules(reactionsFile, log);
}

/**
 * Stops jobs and background work together, within `graceMs` milliseconds; what takes longer is cut off. Cutting off a token
 * renewal is like a crash: the platform may have used up the refresh token before we saved the new one.
 */
async function stopWork(
  worker: Pick<Worker, "stop">,
  platforms: readonly Pick<Platform, "stop">[],
  graceMs: number,
  log: Log,
): Promise<void> {
  const grace = new AbortController();
  const isOver = sleep(graceMs, "over", { signal: grace.signal }).catch(() => {});
  const stopped = Promise.all(platforms.map((platform) => platform.stop()));
  const [end] = await Promise.all([Promise.race([stopped, isOver]), worker.stop(graceMs)]);
  grace.abort();
  if (end === "over") log.warn("Not finished in time: a call to a platform hangs and was cut off.");
}
