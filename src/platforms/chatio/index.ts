import type { Log } from "../../log.ts";
import type { Reaction } from "../../reactions/keywords.ts";
import type { Installations } from "../../store/store.ts";
import { readJson } from "../body.ts";
import { createKeywordBot } from "../keyword-bot/index.ts";
import type { Platform } from "../platform.ts";
import { type ChatioClientOptions, createChatioClient } from "./client.ts";
import { CHATIO } from "./description.ts";
import { jobsOf } from "./events.ts";
import { createChatioTokenCalls, LICENSES } from "./installation.ts";
import { createChatioInstaller } from "./installer.ts";
import { verifySecret } from "./verify.ts";
import { createVisitCalls } from "./visit.ts";

export type ChatioOptions = ChatioClientOptions & {
  reaction: Reaction;
  reactionMaxAgeMs: number;
  /** Licenses that may install the bot; null: any. */
  allowedLicenses: readonly string[] | null;
  installations: Installations;
  /** The base URL at which browsers reach us, for sentences. Default: none. */
  publicUrl?: string;
  /** Whether this server does what one does for all. Default: it does. */
  leads?: () => boolean;
  log: Log;
};

/** The Pizza BOT: joins a chat in which somebody writes about pizza or whatever else has a rule, replies, and leaves. */
export function createChatio(options: ChatioOptions): Platform {
  const { reaction, installations, log } = options;
  const client = createChatioClient(options);
  const bot = createKeywordBot({
    ...options,
    kind: LICENSES,
    tokenCalls: createChatioTokenCalls(client, options.webhookUrl),
    visitCalls: createVisitCalls(client),
  });
  return {
    name: CHATIO.name,
    async open({ body }) {
      const delivery = readJson(body);
      const installation = await verifySecret(delivery, installations);
      return jobsOf(delivery, installation, reaction, log);
    },
    handle: bot.handle,
    problem: bot.problem,
    warnings: bot.warnings,
    start: bot.start,
    stop: bot.stop,
    installer: createChatioInstaller({ ...options, client, oneAtATime: bot.oneAtATime }),
  };
}
