import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createFileLedger, createSampleLedger } from "./accounts.ts";
import { atPort } from "./config/any-port.ts";
import { type Config, encryptionSecretsOf } from "./config/config.ts";
import { ConfigError } from "./errors.ts";
import { createFailingWatch } from "./health/failing.ts";
import { createTitles } from "./health/titles.ts";
import { createTroubleWatch } from "./health/troubles.ts";
import type { CallReport } from "./http/http.ts";
import { createLog, type Log } from "./log.ts";
import { createLogOutput } from "./log-output.ts";
import { createObserver, type Observer } from "./observer.ts";
import { createActivity } from "./operator/activity.ts";
import { createMetrics } from "./operator/metrics.ts";
import { type KnownPlatform, PLATFORMS, type PlatformParts } from "./platforms/list.ts";
import type { PlatformEntry } from "./platforms/platform.ts";
import type { Ledger } from "./reactions/balance.ts";
import { createBuiltInRules, type WatchedRules, watchRules } from "./rules.ts";
import { openServerStore } from "./store/sqlite/index.ts";
import type { Store } from "./store/store.ts";
import { announce, announceJobs } from "./web/announce.ts";
import { createApp } from "./web/app.ts";
import { limitConnections } from "./web/connections.ts";
import { createRejectionLog } from "./web/rejection-log.ts";
import { createCallGate } from "./work/call-gate.ts";
import { startLookingAgain } from "./work/look-again.ts";
import { startPruning } from "./work/prune.ts";
import { stopWork } from "./work/stop-work.ts";
import { createWorker } from "./work/worker.ts";

/** What one client may take up. Times in ms. */
const LIMITS = {
  /** Until all headers are here. It begins with the connection, so that a silent one is closed, too. */
  headersTimeout: 10_000,
  /** Until all of the request is here. */
  requestTimeout: 30_000,
  /** Until the next request. */
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
  /** Without a byte in either direction. Longer than any answer takes, so that it cuts off who does not read them. */
  idleTimeout: 120_000,
  /** As many small bodies fit into half of the memory for bodies; also twice what one turn accepts (a backlog of 511). */
  connections: 1024,
};

/** How long requests, and then jobs and calls in hand, may take to finish when the server stops: Docker kills after 10 s. */
const REQUESTS_GRACE_MS = 2000;
const WORK_GRACE_MS = 7000;

export type Overrides = {
  log?: Log;
  openStore?: typeof openServerStore;
  /** Instead of all platforms that this server speaks. */
  platforms?: readonly KnownPlatform[];
  /** Milliseconds that one call to a platform may take. */
  timeoutMs?: number;
  limits?: Partial<typeof LIMITS>;
};

export type RunningServer = {
  /** Where it listens, without a slash at the end. */
  url: string;
  /** Stops accepting, finishes what is in hand, closes everything. */
  stop: () => Promise<void>;
};

/** Wires store, platforms, worker and routes together and listens. Throws ConfigError where an operator can help. */
export async function startServer(given: Config, overrides: Overrides = {}): Promise<RunningServer> {
  const output = createLogOutput();
  const log = overrides.log ?? createLog(given.logLevel, output);
  const http = createHttpServer({ ...LIMITS, ...overrides.limits }, log);
  const closers: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const store = (overrides.openStore ?? openServerStore)({
      path: given.databasePath,
      encryptionSecretsOf: (platform) => encryptionSecretsOf(given, platform),
      log,
    });
    closers.push(store.close);
    const gate = createCallGate(store.holds, log);
    const ledger = ledgerOf(given, log);
    const rules = rulesOf(given, log);
    closers.push(rules.stop);
    const url = await listen(http, given);
    // From here to the routes nothing is waited for, so that no request comes too early.
    const config = atPort(given, Number(new URL(url).port));

    const metrics = createMetrics(store, output.dropped);
    const activity = createActivity();
    const failing = createFailingWatch();
    const observer = createObserver(metrics, activity, failing);

    const known = overrides.platforms ?? PLATFORMS;
    const parts = { ledger, reaction: rules.reaction, gate, timeoutMs: overrides.timeoutMs, log };
    const entries = createPlatforms(known, config, parts, store, observer);
    const platforms = entries.flatMap(({ platform }) => platform ?? []);
    metrics.watch(platforms, failing);

    const titles = createTitles(entries.map(({ description }) => description));
    const troubles = createTroubleWatch({ failing, store, titles, log });
    closers.push(troubles.stop);

    const { isWorthWarning } = failing;
    const worker = createWorker({ store, platforms, gate, log, observer, isWorthWarning });
    closers.push(() => stopWork(worker, platforms, WORK_GRACE_MS, log));
    closers.push(startPruning({ inbox: store.inbox, log }).stop);

    const rejections = createRejectionLog(log);
    closers.push(async () => rejections.stop());
    const app = createApp({
      platforms: entries,
      store,
      ledger,
      arrived: worker.arrived,
      jobsPutBack: worker.nudge,
      troubles: troubles.now,
      publicUrl: config.publicUrl,
      operatorPassword: config.operatorPassword,
      trustProxy: config.trustProxy,
      metrics,
      activity,
      observer,
      rejections,
      log,
    });
    http.on("request", app);
    closers.push(() => close(http));

    announce(config, entries, url, log);
    await announceJobs(store.desk, log);
    for (const platform of platforms) await platform.start();
    closers.push(startLookingAgain(store.news, platforms, log).stop);
    await worker.start();
    troubles.start();
    return { url, stop: () => stopAloud(stop, log) };
  } catch (error) {
    http.close();
    await stop();
    throw error;
  }
}

async function stopAloud(stop: () => Promise<void>, log: Log): Promise<void> {
  log.info(`Stopping. What is in hand has ${(REQUESTS_GRACE_MS + WORK_GRACE_MS) / 1000} s to finish.`);
  await stop();
  log.info("Stopped.");
  const { promise, resolve } = Promise.withResolvers<void>();
  log.flush(() => resolve());
  await promise;
}

/** All that this server speaks, those that are set up as well as the others. */
function createPlatforms(
  known: readonly KnownPlatform[],
  config: Config,
  parts: Omit<PlatformParts, "installations" | "observe">,
  { installations }: Store,
  { callEnded }: Observer,
): PlatformEntry[] {
  return known.map(({ description, create }) => {
    const { name } = description;
    const observe = (call: CallReport) => callEnded(name, call);
    const platform = create(config, { ...parts, installations: installations.of(name), observe });
    return { description, platform };
  });
}

function ledgerOf({ accountsFile }: Config, log: Log): Ledger {
  return accountsFile === null ? createSampleLedger() : createFileLedger(accountsFile, log);
}

function rulesOf({ reactionsFile }: Config, log: Log): WatchedRules {
  return reactionsFile === null ? createBuiltInRules() : watchRules(reactionsFile, log);
}

function createHttpServer(limits: typeof LIMITS, log: Log): Server {
  const http = createServer(limits);
  http.timeout = limits.idleTimeout;
  limitConnections(http, limits.connections, log);
  return http;
}

function listen(http: Server, { host, port }: Config): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  http.once("error", (cause: NodeJS.ErrnoException) =>
    reject(new ConfigError(cannotListen(cause, host, port), { cause })),
  );
  http.listen(port, host, () => resolve(urlOf(http.address())));
  return promise;
}

function cannotListen({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE") {
    return `Port ${port} on ${host} is in use by another program. Stop that one, or name another port in PORT.`;
  }
  if (code === "EACCES") return `Port ${port} may not be used by this user. Name one above 1023 in PORT.`;
  return `The server cannot listen on HOST ${host} and PORT ${port}: ${message}.`;
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string")
    throw new Error("the server does not listen on a port");
  return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
}

function close(http: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  http.close(() => resolve());
  setTimeout(() => http.closeAllConnections(), REQUESTS_GRACE_MS).unref();
  return promise;
}
