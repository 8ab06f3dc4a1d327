import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { Installations } from "../../store/store.ts";
import { type InstallationKind, isElsewhere } from "./installation.ts";

const LOOK_EVERY_MS = 1000;
const GOOD_FOR_MS = 1000;

export type Overview = {
  /** Logs how the installations are, then counts them every second. Throws StoreError. */
  start(): Promise<void>;
  stop(): void;
  /** What was wrong at the last count, a sentence each. */
  warnings(): string[];
};

export type OverviewOptions = {
  kind: Pick<InstallationKind, "installedOn" | "problemOf" | "elsewhere" | "startPath">;
  installations: Pick<Installations, "countByState" | "countElsewhere" | "list">;
  /** Where the bots are to send their webhooks. */
  webhookUrl: string;
  /** The base URL at which browsers reach us. Default: none, so that sentences have paths only. */
  publicUrl?: string;
  log: Log;
};

/** How the installations are as a whole. They are counted, and read only when the log has to name one. */
export function createOverview(options: OverviewOptions): Overview {
  const { kind, installations, webhookUrl, publicUrl = "", log } = options;
  const installUrl = `${publicUrl}${kind.startPath}`;
  let known: Shortcomings = { broken: 0, elsewhere: 0 };
  const rounds = createRounds(LOOK_EVERY_MS, countAgain);

  /** How many there are in all. */
  async function count(): Promise<number> {
    const { ok, needs_reinstall, unreadable } = await installations.countByState();
    known = {
      broken: needs_reinstall + unreadable,
      elsewhere: await installations.countElsewhere(webhookUrl),
    };
    return ok + known.broken;
  }

  async function countAgain(): Promise<void> {
    // The last count stays. That the database cannot be read is logged by the renewal.
    await count().catch(() => {});
  }

  async function nameThem(): Promise<void> {
    const all = await installations.list();
    for (const problem of all.map(kind.problemOf)) if (problem !== null) log.warn(problem);
    for (const installation of all.filter((one) => isElsewhere(one, webhookUrl))) {
      log.warn(kind.elsewhere(installation, webhookUrl));
    }
  }

  return {
    async start() {
      const all = await count();
      log.info(kind.installedOn(all));
      if (known.broken > 0 || known.elsewhere > 0) await nameThem();
      rounds.start(LOOK_EVERY_MS);
    },
    stop: () => void rounds.stop(),
    warnings: () => warningsAbout(known, installUrl),
  };
}

export type Shortcomings = {
  /** Installations with a problem. */
  broken: number;
  /** Bots that send their webhooks elsewhere. */
  elsewhere: number;
};

/** What is wrong with the installations, a sentence each with its cure. Names no account. */
export function warningsAbout({ broken, elsewhere }: Shortcomings, installUrl: string): string[] {
  return [
    ...(broken === 0
      ? []
      : [`Installations that only a reinstall brings back to work: ${broken}. Open ${installUrl}`]),
    ...(elsewhere === 0
      ? []
      : [
          `Bots that send their webhooks to an earlier address: ${elsewhere}. Fix it with: npm run doctor -- --fix`,
        ]),
  ];
}

export type Counts = { all: number; needingReinstall: number };

/** Counts installations at most once a second, since anybody may ask. */
export function createCounts(installations: Pick<Installations, "countByState">) {
  let latest: Promise<Counts> | null = null;
  let goodUntil = 0;

  async function count(): Promise<Counts> {
    const { ok, needs_reinstall, unreadable } = await installations.countByState();
    const needingReinstall = needs_reinstall + unreadable;
    return { all: ok + needingReinstall, needingReinstall };
  }

  return {
    /** Throws StoreError. */
    read(): Promise<Counts> {
      if (latest === null || performance.now() >= goodUntil) {
        latest = count();
        goodUntil = performance.now() + GOOD_FOR_MS;
      }
      return latest;
    },
    /** Counts anew for the next reader: something was installed. */
    forget(): void {
      latest = null;
    },
  };
}
