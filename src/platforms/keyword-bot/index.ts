import type { Log } from "../../log.ts";
import type { Installations } from "../../store/store.ts";
import type { Platform } from "../platform.ts";
import { createAccountLock, type OneAtATime } from "./account-lock.ts";
import { createBotWatch } from "./bot-watch.ts";
import { type Act, createHandle, type VisitCalls } from "./handle.ts";
import type { InstallationKind, OAuthCredentials } from "./installation.ts";
import { createOverview } from "./overview.ts";
import { createRenewal } from "./renewal.ts";
import { createTokenKeeper, type TokenCalls, type TokenKeeper } from "./tokens.ts";

export type KeywordBotOptions<Secrets extends OAuthCredentials, Bot, Look> = {
  kind: InstallationKind<Secrets>;
  tokenCalls: TokenCalls<Secrets, Bot, Look>;
  visitCalls: VisitCalls<Bot>;
  /** For bots that act in chats by a token of their own; absent: they act by the access token. */
  ownTokens?(keeper: TokenKeeper<Secrets, Bot, Look>): {
    act: Act<Bot>;
    checkBot(account: string): Promise<unknown>;
  };
  installations: Installations;
  /** Whether this server does what one does for all. Default: it does. */
  leads?: () => boolean;
  /** Where the bots are to send their webhooks. */
  webhookUrl: string;
  /** The base URL at which browsers reach us, for sentences. Default: none. */
  publicUrl?: string;
  /** What has waited longer, in ms, is not said any more. */
  reactionMaxAgeMs: number;
  log: Log;
};

export type KeywordBot = Pick<Platform, "handle" | "problem" | "warnings" | "start" | "stop"> & {
  /** For the installer. */
  readonly oneAtATime: OneAtATime;
};

/** A bot that joins a chat, says what its rules have for the words in it, and leaves; on any number of accounts. */
export function createKeywordBot<Secrets extends OAuthCredentials, Bot, Look>(
  options: KeywordBotOptions<Secrets, Bot, Look>,
): KeywordBot {
  const stopping = new AbortController();
  const accounts = createAccountLock({ ...options, stopping: stopping.signal });
  const keeper = createTokenKeeper({ ...options, calls: options.tokenCalls, oneAtATime: accounts.run });
  const { act, checkBot } = options.ownTokens?.(keeper) ?? { act: keeper.use, checkBot: keeper.checkBot };
  const renewal = createRenewal({ ...options, tokens: keeper });
  const botWatch = createBotWatch({ ...options, tokens: { checkBot } });
  const overview = createOverview(options);
  return {
    oneAtATime: accounts.run,
    handle: createHandle({ ...options, calls: options.visitCalls, act }),
    problem: () => null,
    warnings: overview.warnings,
    async start() {
      await overview.start();
      renewal.start();
      botWatch.start();
    },
    async stop() {
      stopping.abort();
      overview.stop();
      botWatch.stop();
      await renewal.stop();
      // A renewal that a job or a look has begun is not left half-done: that would cost a reinstall.
      await accounts.idle();
    },
  };
}
