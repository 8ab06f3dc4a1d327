import type { Config } from "../config/config.ts";
import type { CallGate, CallReport } from "../http/http.ts";
import type { Log } from "../log.ts";
import type { Ledger } from "../reactions/balance.ts";
import type { Reaction } from "../reactions/keywords.ts";
import type { Installations } from "../store/store.ts";
import { CHATIO } from "./chatio/description.ts";
import { createChatio } from "./chatio/index.ts";
import { LIVECHAT } from "./livechat/description.ts";
import { createLivechat } from "./livechat/index.ts";
import type { Platform, PlatformDescription } from "./platform.ts";
import { WEBEX } from "./webex/description.ts";
import { createWebex } from "./webex/index.ts";

/** What the server lends to its platforms. */
export type PlatformParts = {
  readonly installations: Installations;
  readonly ledger: Ledger;
  /** Of the keyword bots. */
  readonly reaction: Reaction;
  readonly gate: CallGate;
  /** Told of every call to the platform. */
  readonly observe: (call: CallReport) => void;
  /** Milliseconds that one call may take; the platform's own measure unless given. */
  readonly timeoutMs: number | undefined;
  readonly log: Log;
};

/** A platform that this server speaks. */
export type KnownPlatform = {
  readonly description: PlatformDescription;
  /** Whether the settings have what it cannot do without. */
  isSetUp(config: Config): boolean;
  /** null where it is not set up. */
  create(config: Config, parts: PlatformParts): Platform | null;
};

/** All of them, in the order in which pages and logs name them. */
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
