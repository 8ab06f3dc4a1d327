import type { Delivery, Job, NewJob, PlatformName, SaveProgress } from "../job.ts";

export type Platform = {
  readonly name: PlatformName;

  /**
   * Proves a delivery genuine, then reads it, then decides what it asks for; an empty list means nothing.
   * Throws Unauthentic or Malformed.
   */
  open(delivery: Delivery): Promise<readonly NewJob[]>;

  /**
   * Does a job; the sentence it returns says what came of it. Throws PlatformError where a call failed, whose fields
   * say whether to try again. A later attempt is given the progress saved by this one.
   */
  handle(job: Job, save: SaveProgress): Promise<string>;

  /** What keeps the platform as a whole from working, as a sentence; null when nothing is known to. */
  problem(): string | null;

  /** What works, but not as it should, a sentence each. */
  warnings(): readonly string[];

  /** Somebody beside the server has changed something at the platform: looks again at once at what it looks at now and then. */
  lookAgain?(): void;

  /** Begins its background work. */
  start(): Promise<void>;

  /** Begins nothing more; resolves once what is under way has ended, which may be later than the process can wait. */
  stop(): Promise<void>;
};

/** What a look at the webhooks of a bot has found; never their secrets. */
export type HookReport = {
  /** Milliseconds since 1970; null: not yet, or not with success. */
  readonly lookedAt: number | null;
  readonly hooks: readonly {
    readonly name: string;
    readonly targetUrl: string;
    /** False once the platform has switched it off. */
    readonly isActive: boolean;
    /** False for other software's. */
    readonly isOurs: boolean;
  }[];
};

/** What a browser needs to install a bot by OAuth. */
export type Installer = {
  /** Where a browser is sent to consent; `state` comes back with it. */
  consentUrl(state: string): string;
  /** Trades the code for tokens and sets the bot up. Throws PlatformError, with nothing left half-done. */
  install(code: string): Promise<{ account: string }>;
  /**
   * How many there are, and how many only a reinstall can bring back to work; what other processes did is counted within a
   * second. Throws StoreError.
   */
  countInstallations(): Promise<{ all: number; needingReinstall: number }>;
};
