import type { SafeHtml } from "@remix-run/html-template";
import type { Delivery, Job, NewJob, PlatformName, SaveProgress } from "../job.ts";

/** What is true of a platform whether or not it is set up. */
export type PlatformDescription = {
  readonly name: PlatformName;
  /** What people call it: "chat.io". */
  readonly title: string;
  /** What our bot is called there: "Pizza BOT". */
  readonly bot: string;
  /** The path of its webhook. */
  readonly webhookPath: string;
  /** A sentence: that it is not set up, and which settings are missing. */
  readonly notSetUp: string;
  /** How its bot is installed by OAuth; null: the bot has a single account, whose token is in the settings. */
  readonly install: InstallDescription | null;
  readonly startPage: StartPageWords;
  /** What became of messages while no delivery could arrive, and what people can do; sentences. */
  readonly missed: string;
};

/** How pages and logs describe an installation. */
export type InstallDescription = {
  /** Where a browser starts, and where the consent page sends it back to. */
  readonly startPath: string;
  readonly finishPath: string;
  /** What the bot is installed on; each has its own quota: "license". */
  readonly tenant: string;
  /** Where the app is registered: "chat.io developers console". */
  readonly console: string;
  /** The settings that hold the app's credentials: "CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET". */
  readonly credentials: string;
  /** What happens after the installation, and how to try the bot. */
  readonly whatNext: SafeHtml;
  /** What the platform's error names mean during an installation. */
  readonly obstacles: Readonly<Record<string, Obstacle>>;
  /** Whether an installation that starts at the platform has an empty state instead of none. */
  readonly mayHaveEmptyState: boolean;
};

/**
 * Why an installation failed: the person refused; is not an administrator; the code was used or has expired; that, or the
 * settings do not match the app; the platform does not know the app.
 */
export type Obstacle = "refused" | "not_administrator" | "stale_code" | "stale_code_or_app" | "unknown_app";

export type StartPageWords = {
  /** What the bot does. */
  readonly does: string;
  /** How to use the bot; shown once the platform is set up. */
  readonly howToUse: SafeHtml;
  /** The step that fills in the settings. */
  readonly settings: SetUpStep;
  /** The next step, after which deliveries arrive. */
  readonly connection: SetUpStep;
};

export type SetUpStep = { readonly name: string; readonly how: (publicUrl: string) => SafeHtml };

/** A known platform; `platform` is null if it is not set up. */
export type PlatformEntry = {
  readonly description: PlatformDescription;
  readonly platform: Platform | null;
};

/** A platform that is set up. */
export type Platform = {
  readonly name: PlatformName;

  /**
   * Proves that a delivery is genuine, checks its form, and decides what jobs it asks for; an empty list: none. If the
   * proof is a secret in the body, the body has to be parsed first. Throws Unauthentic or Malformed.
   */
  open(delivery: Delivery): Promise<readonly NewJob[]>;

  /**
   * Does a job and returns its outcome, as a sentence. Throws PlatformError if a call failed; its fields say whether to
   * try again. A later attempt gets the progress that this one saved.
   */
  handle(job: Job, save: SaveProgress): Promise<string>;

  /** Why the platform as a whole does not work, as a sentence; null: nothing known. */
  problem(): string | null;

  /** What needs attention although the platform works; one sentence each. */
  warnings(): readonly string[];

  /** What nobody has looked at, as a sentence; null: nothing. Default: nothing. */
  unseen?(): string | null;

  /** Repeats its periodic checks now, because a command has changed something at the platform. */
  lookAgain?(): void;

  /** Starts its background work. */
  start(): Promise<void>;

  /** Starts nothing more; resolves once current work has ended, which may take longer than the process can wait. */
  stop(): Promise<void>;

  /** Present if the description has `install`. */
  readonly installer?: Installer;

  /** The bot's webhooks; absent if the platform does not list them. */
  hooks?(): HookReport;
};

/** The webhooks of a bot as last seen, without their secrets. */
export type HookReport = {
  /** Milliseconds since 1970; null: never successfully. */
  readonly lookedAt: number | null;
  readonly hooks: readonly {
    readonly name: string;
    readonly targetUrl: string;
    /** False if the platform has switched it off. */
    readonly isActive: boolean;
    /** False if it belongs to other software. */
    readonly isOurs: boolean;
    /** Whether it is ours and sends to another address than this server's. */
    readonly isElsewhere: boolean;
  }[];
};

/** Installs a bot by OAuth. */
export type Installer = {
  /** The consent page's URL; the browser comes back from there with `state`. `verifier`: the secret of PKCE (RFC 7636). */
  consentUrl(state: string, verifier: string): string;
  /**
   * Exchanges the code for tokens and sets the bot up; returns the account it is now installed on. Throws PlatformError,
   * and then leaves nothing half-done. `verifier`: the consent's; null: this server did not ask for consent.
   */
  install(code: string, verifier: string | null): Promise<{ account: string }>;
  /**
   * Counts all installations, and those that work again only after a reinstall. Changes by other processes are counted
   * within a second. Throws StoreError.
   */
  countInstallations(): Promise<{ all: number; needingReinstall: number }>;
};
