import type { Log } from "../../log.ts";
import { reactToKeywords } from "../../reactions/keywords.ts";
import type { Installations } from "../../store/store.ts";
import { readJson } from "../body.ts";
import type { Platform } from "../platform.ts";
import { createAccountLock } from "./account-lock.ts";
import { createBotWatch } from "./bot-watch.ts";
import { type ChatioClientOptions, createChatioClient } from "./client.ts";
import { CHATIO } from "./description.ts";
import { jobsOf } from "./events.ts";
import { createHandle } from "./handle.ts";
import { createInstaller } from "./installer.ts";
import { createOverview } from "./overview.ts";
import { createRenewal } from "./renewal.ts";
import { createTokenKeeper } from "./tokens.ts";
import { verifySecret } from "./verify.ts";

export type ChatioOptions = ChatioClientOptions & {
  reactionMaxAgeMs: number;
  /** Licenses that may install the bot; null: any. */
  allowedLicenses: readonly string[] | null;
  installations: Installations;
  log: Log;
};

/** The Pizza BOT: joins a chat in which somebody writes of pizza, tells the agents, and leaves. */
export function createChatio(options: ChatioOptions): Platform {
  const { installations, reactionMaxAgeMs, webhookUrl, log } = options;
  const client = createChatioClient(options);
  const stopping = new AbortController();
  const accounts = createAccountLock({ installations, stopping: stopping.signal });
  const oneAtATime = accounts.run;
  const tokens = createTokenKeeper({ client, installations, oneAtATime, webhookUrl, log });
  const renewal = createRenewal({ installations, tokens, log });
  const botWatch = createBotWatch({ installations, tokens, log });
  const overview = createOverview({ installations, webhookUrl, log });
  return {
    name: CHATIO.name,
    async open({ body }) {
      const delivery = readJson(body);
      const installation = await verifySecret(delivery, installations);
      return jobsOf(delivery, installation, reactToKeywords, log);
    },
    handle: createHandle({ client, tokens, reactionMaxAgeMs }),
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
      // A renewal that a job or a look has begun is not left half-done: it would cost a reinstall.
      await accounts.idle();
    },
    installer: createInstaller({ ...options, client, oneAtATime }),
  };
}
