import type { Log } from "../../log.ts";
import { reactToKeywords } from "../../reactions/keywords.ts";
import type { Installations } from "../../store/store.ts";
import { readJson } from "../body.ts";
import { createKeywordBot } from "../keyword-bot/index.ts";
import type { Platform } from "../platform.ts";
import { type ChatioClientOptions, createChatioClient } from "./client.ts";
import { CHATIO } from "./description.ts";
import { jobsOf } from "./events.ts";
import { LICENSES } from "./installation.ts";
import { createChatioInstaller } from "./installer.ts";
import { isRefusedAsInvalid } from "./refusals.ts";
import { createChatioTokens } from "./tokens.ts";
import { verifySecret } from "./verify.ts";

export type ChatioOptions = ChatioClientOptions & {
  reactionMaxAgeMs: number;
  /** Licenses that may install the bot; null: any. */
  allowedLicenses: readonly string[] | null;
  installations: Installations;
  log: Log;
};

/** The Pizza BOT: joins a chat in which somebody writes about pizza, tells the agents, and leaves. */
export function createChatio(options: ChatioOptions): Platform {
  const { installations, log } = options;
  const client = createChatioClient(options);
  const { oneAtATime, ...bot } = createKeywordBot({
    ...options,
    kind: LICENSES,
    createTokens: (oneAtATime) => createChatioTokens({ ...options, client, oneAtATime }),
    calls: { ...client, isOutOfPlace: isRefusedAsInvalid, isChatOver: () => false },
  });
  return {
    name: CHATIO.name,
    async open({ body }) {
      const delivery = readJson(body);
      const installation = await verifySecret(delivery, installations);
      return jobsOf(delivery, installation, reactToKeywords, log);
    },
    ...bot,
    installer: createChatioInstaller({ ...options, client, oneAtATime }),
  };
}
