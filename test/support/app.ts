import { createSampleLedger } from "../../src/accounts.ts";
import { createDatabaseWatch } from "../../src/health/database-watch.ts";
import { createObserver } from "../../src/observer.ts";
import { createActivity } from "../../src/operator/activity.ts";
import { createMetrics } from "../../src/operator/metrics.ts";
import { CHATIO } from "../../src/platforms/chatio/description.ts";
import type { Installer, Platform } from "../../src/platforms/platform.ts";
import { WEBEX } from "../../src/platforms/webex/description.ts";
import type { Store } from "../../src/store/store.ts";
import { type AppOptions, createApp } from "../../src/web/app.ts";
import { createRejectionLog } from "../../src/web/rejection-log.ts";
import { createLogSink } from "./log.ts";
import { openTestStore } from "./store.ts";
import { aPlatform } from "./worker.ts";

/** An installer that installs on license 1520, whatever the code. */
export function anInstaller(overrides: Partial<Installer> = {}): Installer {
  return {
    consentUrl: (state) => `https://accounts.chat.io/?state=${encodeURIComponent(state)}`,
    install: async () => ({ account: "1520" }),
    countInstallations: async () => ({ all: 0, needingReinstall: 0 }),
    ...overrides,
  };
}

/** chat.io, set up, with an installer; no delivery means anything to it unless told otherwise. */
export function aChatio(overrides: Partial<Platform> = {}): Platform {
  return { ...aPlatform(async () => "done", "chatio"), installer: anInstaller(), ...overrides };
}

/** The same of Webex, with webhooks that nobody has looked at yet. */
export function aWebex(overrides: Partial<Platform> = {}): Platform {
  const hooks = () => ({ lookedAt: null, hooks: [] });
  return { ...aPlatform(async () => "done", "webex"), hooks, ...overrides };
}

type Overrides = Partial<Omit<AppOptions, "store" | "platforms">> & {
  /** null: not set up. */
  chatio?: Platform | null;
  webex?: Platform | null;
  /** Parts of the store that are not as usual. */
  store?: Partial<Store>;
};

/** The routes over a real store and both platforms. */
export function createTestApp({ chatio = aChatio(), webex = aWebex(), ...overrides }: Overrides = {}) {
  const store = openTestStore();
  const sink = createLogSink();
  const metrics = createMetrics(store, () => 0);
  const activity = createActivity({ shared: store.minutes, log: sink.log });
  const usedStore = { ...store, ...overrides.store };
  const app = createApp({
    database: createDatabaseWatch({ check: usedStore.check, log: sink.log }),
    platforms: [
      { description: CHATIO, platform: chatio },
      { description: WEBEX, platform: webex },
    ],
    ledger: createSampleLedger(),
    arrived: () => {},
    jobsPutBack: () => {},
    troubles: () => ({ outages: [], backlog: null, pauses: [] }),
    publicUrl: "http://localhost:5000",
    port: 5000,
    needsPublicAddress: true,
    signingKey: "signing-key-invented",
    operatorPassword: null,
    trustProxy: "loopback",
    metrics,
    activity,
    observer: createObserver(metrics, activity),
    rejections: createRejectionLog(sink.log),
    log: sink.log,
    ...overrides,
    store: usedStore,
  });
  return { app, store, sink };
}
