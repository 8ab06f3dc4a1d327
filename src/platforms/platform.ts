/**
 * The nouns, used everywhere and only in this sense:
 *
 * - delivery: one POST from a platform, as bytes and headers
 * - job: what an authentic delivery asks for, validated and without secrets
 * - inbox: the jobs we have promised to do; on disk before we answer 200
 * - reaction: pure decision, text in, reply text (or nothing) out
 * - reply: that text, sent through a client
 * - platform: one folder speaking one wire: chat.io, Webex
 */
import type { IncomingHttpHeaders } from "node:http";

export type PlatformName = "chatio" | "webex";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

export type Delivery = { readonly body: Buffer; readonly headers: IncomingHttpHeaders };

export type NewJob = {
  readonly platform: PlatformName;
  /** What makes it one and the same job, however often it is delivered. */
  readonly key: string;
  /**
   * The key by which an earlier release knew it, where that is another one: a job kept under it in the same lane is
   * this job.
   */
  readonly formerKey?: string;
  /** Jobs of one lane are done one at a time, in the order they were accepted. */
  readonly lane: string;
  /** The rate limit that its calls draw on; jobs of one quota are held back together. */
  readonly quota: string;
  readonly payload: JsonObject;
};

export type Job = Omit<NewJob, "formerKey"> & {
  /** How often it was claimed, this time included. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** The steps that earlier attempts have done. Empty at first. */
  readonly progress: JsonObject;
};

/** Keeps on disk how far a job has come. Replaces what was kept before. */
export type SaveProgress = (progress: JsonObject) => Promise<void>;

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
  install(code: string): Promise<{ licenseId: number }>;
  /**
   * How many there are, and how many only a reinstall can bring back to work; what other processes did is counted within a
   * second. Throws StoreError.
   */
  countInstallations(): Promise<{ all: number; needingReinstall: number }>;
};
