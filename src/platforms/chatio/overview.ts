import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { Installations } from "../../store/store.ts";
import { isElsewhere, problemOf, type Shortcomings, warningsAbout } from "./installation.ts";

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
  installations: Pick<Installations, "countByState" | "countElsewhere" | "list">;
  webhookUrl: string;
  log: Log;
};

/** How the installations are as a whole. They are counted, and read only when the log has to name one. */
export function createOverview({ installations, webhookUrl, log }: OverviewOptions): Overview {
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
    // The last count stands. The renewal logs that the database cannot be read.
    await count().catch(() => {});
  }

  async function nameThem(): Promise<void> {
    const all = await installations.list();
    for (const problem of all.map(problemOf)) if (problem !== null) log.warn(problem);
    for (const { account, webhookUrl: told } of all.filter((one) => isElsewhere(one, webhookUrl))) {
      log.warn(
        `The bot agent of license ${account} sends its webhooks to ${told}, not to ${webhookUrl}. Fix it with: npm run doctor -- --fix`,
      );
    }
  }

  return {
    async start() {
      const all = await count();
      log.info(`The Pizza BOT is installed on ${all} ${all === 1 ? "license" : "licenses"}.`);
      if (known.broken > 0 || known.elsewhere > 0) await nameThem();
      rounds.start(LOOK_EVERY_MS);
    },
    stop: () => void rounds.stop(),
    warnings: () => warningsAbout(known),
  };
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
    /** To be called after an installation, so that the next page shows it. */
    forget(): void {
      latest = null;
    },
  };
}
