import type { SafeHtml } from "@remix-run/html-template";
import type { Delivery, Job, NewJob, PlatformName, SaveProgress } from "../job.ts";

/** What holds of a platform whether or not it is set up. */
export type PlatformDescription = {
  readonly name: PlatformName;
  /** What people call it: "chat.io". */
  readonly title: string;
  /** What our bot is called there: "Pizza BOT". */
  readonly bot: string;
  /** The path that takes its deliveries. */
  readonly webhookPath: string;
  /** That it is switched off, and which settings are missing. */
  readonly notSetUp: string;
  /** How its bot is installed by OAuth; null: the bot has one account, which is in the settings. */
  readonly install: InstallDescription | null;
  readonly startPage: StartPageWords;
};

/** What the pages and logs say of an installation. */
export type InstallDescription = {
  /** Where a browser begins, and where the consent page sends it back to. */
  readonly startPath: string;
  readonly finishPath: string;
  /** What the bot is installed on, each with a quota of its own: "license". */
  readonly tenant: string;
  /** Where the app is registered: "chat.io developers console". */
  readonly console: string;
  /** The settings with the app's credentials: "CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET". */
  readonly credentials: string;
  /** What happens after the installation, and how to try the bot. */
  readonly whatNext: SafeHtml;
  /** What its names for errors of an installation mean. */
  readonly obstacles: Readonly<Record<string, Obstacle>>;
  /** Whether an installation begun at the platform comes with an empty state instead of none. */
  readonly mayHaveEmptyState: boolean;
};

/**
 * What an installation has failed of: the person refused; is no administrator; came with a code that was used or has
 * expired; that, or the settings do not match the app; the platform does not know the app.
 */
export type Obstacle = "refused" | "not_administrator" | "stale_code" | "stale_code_or_app" | "unknown_app";

export type StartPageWords = {
  /** What the bot does. */
  readonly does: string;
  /** How to use it, for when it is set up. */
  readonly howToUse: SafeHtml;
  /** The step that fills in the settings. */
  readonly settings: SetUpStep;
  /** The step after it, by which deliveries begin to arrive. */
  readonly connection: SetUpStep;
};

export type SetUpStep = { readonly name: string; readonly how: (publicUrl: string) => SafeHtml };

/** A platform of this server; `platform` is null while it is not set up. */
export type PlatformEntry = {
  readonly description: PlatformDescription;
  readonly platform: Platform | null;
};

/** A platform that is set up. */
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

  /** Repeats its periodic checks at once: a command has changed something at the platform. */
  lookAgain?(): void;

  /** Begins its background work. */
  start(): Promise<void>;

  /** Begins nothing more; resolves once what is under way has ended, which may be later than the process can wait. */
  stop(): Promise<void>;

  /** Where the description has `install`. */
  readonly installer?: Installer;

  /** The bot's webhooks, where the platform lists them. */
  hooks?(): HookReport;
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

/** Installs a bot by OAuth. */
export type Installer = {
  /** Where a browser is sent to consent; `state` comes back with it. `verifier`: the secret of PKCE (RFC 7636). */
  consentUrl(state: string, verifier: string): string;
  /**
   * Trades the code for tokens and sets the bot up; returns the tenant it is now installed on. Throws PlatformError, with
   * nothing left half-done. `verifier`: as for the consent; null: the browser was not sent there by us.
   */
  install(code: string, verifier: string | null): Promise<{ account: string }>;
  /**
   * How many installations there are, and how many only a reinstall can bring back to work; what other processes did is
   * counted within a second. Throws StoreError.
   */
  countInstallations(): Promise<{ all: number; needingReinstall: number }>;
};
