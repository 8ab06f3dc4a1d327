import { createSampleLedger } from "../../src/accounts.ts";
import { createActivity } from "../../src/operator/activity.ts";
import { createMetrics } from "../../src/operator/metrics.ts";
import type { Installer, Platform } from "../../src/platforms/platform.ts";
import { type AppOptions, createApp } from "../../src/web/app.ts";
import { createRefusals } from "../../src/web/refusals.ts";
import { createLogSink } from "./log.ts";
import { openTestStore } from "./store.ts";
import { aPlatform } from "./worker.ts";

/** A platform that opens deliveries as `open` says. */
export function aReceivingPlatform(open: Platform["open"], overrides: Partial<Platform> = {}): Platform {
  return { ...aPlatform(async () => "done"), open, ...overrides };
}

/** An installer that installs on license 1520, whatever the code. */
export function anInstaller(overrides: Partial<Installer> = {}): Installer {
  return {
    consentUrl: (state) => `https://accounts.chat.io/?state=${encodeURIComponent(state)}`,
    install: async () => ({ account: "1520" }),
    countInstallations: async () => ({ all: 0, needingReinstall: 0 }),
    ...overrides,
  };
}

/** Webex with such a platform, and webhooks that nobody has looked at yet. */
export function aWebex(platform: Platform): NonNullable<AppOptions["webex"]> {
  return { platform, hooks: () => ({ lookedAt: null, hooks: [] }) };
}

/** The routes over a real store and platforms to which no delivery means anything, unless told otherwise. */
export function createTestApp(overrides: Partial<AppOptions> = {}) {
  const store = openTestStore();
  const sink = createLogSink();
  const app = createApp({
    chatio: { platform: aReceivingPlatform(async () => [], { name: "chatio" }), installer: anInstaller() },
    webex: aWebex(aReceivingPlatform(async () => [])),
    inbox: store.inbox,
    desk: store.desk,
    installations: store.installations,
    ledger: createSampleLedger(),
    arrived: () => {},
    nudge: () => {},
    holds: store.holds,
    checkStore: store.check,
    troubles: () => ({ outages: [], backlog: null, pauses: [] }),
    publicUrl: "http://localhost:5000",
    adminPassword: null,
    trustProxy: "loopback",
    metrics: createMetrics(store, () => 0),
    activity: createActivity(),
    refusals: createRefusals(sink.log),
    log: sink.log,
    ...overrides,
  });
  return { app, store, sink };
}
