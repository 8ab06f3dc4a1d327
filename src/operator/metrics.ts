import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { FailingWatch } from "../health/failing.ts";
import type { Observer } from "../observer.ts";
import type { Platform } from "../platforms/platform.ts";
import { NO_INSTALLATIONS } from "../store/installation-state.ts";
import type { Store } from "../store/store.ts";

/** Numbers for operators. Accounts, chats, rooms and people are never labels: they are unbounded and private. */
export type Metrics = Observer & {
  registry: Registry;
  /** Adds gauges of the platforms' installations and warnings, and of which platforms are failing. */
  watch(platforms: Iterable<Platform>, failing: Pick<FailingWatch, "outages">): void;
};

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

/** `droppedLines` returns how many lines of the log could not be written since the start. */
export function createMetrics({ desk, installations }: Store, droppedLines: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const deliveries = new Counter({
    name: "chatops_deliveries_total",
    help: "Deliveries by platform and answer",
    labelNames: ["platform", "answer"],
    registers,
  });
  const attempts = new Histogram({
    name: "chatops_job_duration_seconds",
    help: "Duration of attempts at jobs by platform and how they ended",
    labelNames: ["platform", "end"],
    buckets: SECONDS,
    registers,
  });
  const calls = new Histogram({
    name: "chatops_platform_call_duration_seconds",
    help: "Duration of calls to platforms",
    labelNames: ["platform", "call"],
    buckets: SECONDS,
    registers,
  });
  const outcomes = new Counter({
    name: "chatops_platform_calls_total",
    help: "Calls to platforms by outcome: HTTP status, or no_answer",
    labelNames: ["platform", "call", "outcome"],
    registers,
  });
  addLogCounter(registry, droppedLines);
  addInboxGauges(registry, desk);
  addTokenGauge(registry, installations);

  return {
    registry,
    deliveryAnswered: (platform, answer) => deliveries.inc({ platform, answer }),
    attemptEnded: ({ platform }, end, ms) => attempts.observe({ platform, end }, ms / 1000),
    callEnded(platform, call) {
      calls.observe({ platform, call: call.name }, call.ms / 1000);
      outcomes.inc({ platform, call: call.name, outcome: call.outcome });
    },
    watch(platforms, failing) {
      const watched = [...platforms];
      addInstallationsGauge(registry, watched, installations);
      addWarningsGauge(registry, watched);
      addFailingGauges(registry, watched, failing);
    },
  };
}

function addLogCounter(registry: Registry, droppedLines: () => number): void {
  new Counter({
    name: "chatops_log_lines_dropped_total",
    help: "Log lines that were dropped because they could not be written",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(droppedLines());
    },
  });
}

function addInboxGauges(registry: Registry, desk: Store["desk"]): void {
  new Gauge({
    name: "chatops_jobs",
    help: "Jobs in the database by state",
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      for (const [state, jobs] of Object.entries(await desk.countByState())) this.set({ state }, jobs);
    },
  });
  new Gauge({
    name: "chatops_oldest_waiting_seconds",
    help: "Age of the job that has waited longest; 0 if none is waiting",
    registers: [registry],
    async collect() {
      this.set(((await desk.longestWaitMs()) ?? 0) / 1000);
    },
  });
}

function addWarningsGauge(registry: Registry, platforms: readonly Platform[]): void {
  new Gauge({
    name: "chatops_platform_warnings",
    help: "Warnings about a platform; /readyz with the password says what they are",
    labelNames: ["platform"],
    registers: [registry],
    collect() {
      for (const { name, warnings } of platforms) this.set({ platform: name }, warnings().length);
    },
  });
}

function addFailingGauges(
  registry: Registry,
  platforms: readonly Platform[],
  { outages }: Pick<FailingWatch, "outages">,
): void {
  new Gauge({
    name: "chatops_platform_failing",
    help: "1 while all calls to the platform have failed for 30 seconds or longer",
    labelNames: ["platform"],
    registers: [registry],
    collect() {
      const whole = outages().filter(({ quota }) => quota === null);
      for (const { name } of platforms)
        this.set({ platform: name }, Number(whole.some(({ platform }) => platform === name)));
    },
  });
  new Gauge({
    name: "chatops_licenses_failing",
    help: "Licenses or other accounts whose calls have all failed for 30 seconds or longer, while the platform as a whole works",
    labelNames: ["platform"],
    registers: [registry],
    collect() {
      const tenants = outages().filter(({ quota }) => quota !== null);
      for (const { name } of platforms)
        this.set({ platform: name }, tenants.filter(({ platform }) => platform === name).length);
    },
  });
}

function addInstallationsGauge(
  registry: Registry,
  platforms: readonly Platform[],
  installations: Store["installations"],
): void {
  const none = platforms
    .filter(({ installer }) => installer)
    .map(({ name }) => [name, NO_INSTALLATIONS] as const);
  new Gauge({
    name: "chatops_installations",
    help: "Installations by platform and state",
    labelNames: ["platform", "state"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const [platform, counts] of new Map([...none, ...(await installations.countByState())]))
        for (const [state, count] of Object.entries(counts)) this.set({ platform, state }, count);
    },
  });
}

function addTokenGauge(registry: Registry, installations: Store["installations"]): void {
  new Gauge({
    name: "chatops_token_expiry_seconds",
    help: "Time until the next access token expires unless it is renewed; absent without installations",
    labelNames: ["platform"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const platform of (await installations.countByState()).keys()) {
        const expiresAt = await installations.of(platform).nextExpiry();
        if (expiresAt !== null) this.set({ platform }, (expiresAt - Date.now()) / 1000);
      }
    },
  });
}
