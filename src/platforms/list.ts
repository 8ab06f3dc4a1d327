import type { Config } from "../config/config.ts";
import type { CallGate, CallReport } from "../http/http.ts";
import type { Log } from "../log.ts";
import type { Ledger } from "../reactions/balance.ts";
import type { Reaction } from "../reactions/keywords.ts";
import type { Findings, Installations } from "../store/store.ts";
import { CHATIO } from "./chatio/description.ts";
import { createChatio } from "./chatio/index.ts";
import { LIVECHAT } from "./livechat/description.ts";
import { createLivechat } from "./livechat/index.ts";
import type { Platform, PlatformDescription } from "./platform.ts";
import { WEBEX } from "./webex/description.ts";
import { createWebex } from "./webex/index.ts";

/** What the server gives to every platform. */
export type PlatformParts = {
  readonly installations: Installations;
  /** The base URL at which browsers reach us. */
  readonly publicUrl: string;
  readonly ledger: Ledger;
  /** Of the keyword bots. */
  readonly reaction: Reaction;
  readonly gate: CallGate;
  /** Whether this server does what one does for all. */
  readonly leads: () => boolean;
  /** What one server has found out for all. */
  readonly findings: Findings;
  /** Called after every call to the platform. */
  readonly observe: (call: CallReport) => void;
  /** How long one call may take, in ms; undefined: the platform's default. */
  readonly timeoutMs: number | undefined;
  readonly log: Log;
};

/** A platform that this server can work with. */
export type KnownPlatform = {
  readonly description: PlatformDescription;
  /** Whether the required settings are present. */
  isSetUp(config: Config): boolean;
  /** Returns null if the platform is not set up. */
  create(config: Config, parts: PlatformParts): Platform | null;
};

/** All platforms, in the order in which pages and logs show them. */
export const PLATFORMS: readonly KnownPlatform[] = [
  known(LIVECHAT, ({ livechat }) => livechat, createLivechat),
  known(CHATIO, ({ chatio }) => chatio, createChatio),
  known(WEBEX, ({ webex }) => webex, createWebex),
];

export const DESCRIPTIONS: readonly PlatformDescription[] = PLATFORMS.map(({ description }) => description);

function known<Settings>(
  description: PlatformDescription,
  settingsOf: (config: Config) => Settings | null,
  create: (options: Settings & PlatformParts) => Platform,
): KnownPlatform {
  return {
    description,
    isSetUp: (config) => settingsOf(config) !== null,
    create(config, parts) {
      const settings = settingsOf(config);
      return settings === null ? null : create({ ...settings, ...parts });
    },
  };
}
