import type { Log } from "../../log.ts";
import type { Reaction } from "../../reactions/keywords.ts";
import type { Findings, Installations } from "../../store/store.ts";
import { readJson } from "../body.ts";
import { createKeywordBot } from "../keyword-bot/index.ts";
import type { Platform } from "../platform.ts";
import { createAddressWatch } from "./address.ts";
import { createLivechatClient, type LivechatClientOptions } from "./client.ts";
import { LIVECHAT } from "./description.ts";
import { jobsOf, organizationOf } from "./events.ts";
import { createLivechatTokenCalls, ORGANIZATIONS } from "./installation.ts";
import { createLivechatInstaller } from "./installer.ts";
import { withoutFurtherPatience } from "./remedies.ts";
import { createLivechatTokens, type LivechatTokens } from "./tokens.ts";
import { verifySecret } from "./verify.ts";
import { createVersionWatch } from "./version-watch.ts";
import { createVisitCalls } from "./visit.ts";

export type LivechatOptions = Omit<LivechatClientOptions, "onHeaders"> & {
  /** What proves that a delivery comes from LiveChat. */
  webhookSecret: string;
  /** Where the app's webhooks lead. */
  webhookUrl: string;
  reaction: Reaction;
  reactionMaxAgeMs: number;
  /** Organizations that may install the bot; null: any. */
  allowedOrganizations: readonly string[] | null;
  installations: Installations;
  /** The base URL at which browsers reach us, for sentences. Default: none. */
  publicUrl?: string;
  /** Where the public address is remembered. */
  findings: Findings;
  /** Whether this server does what one does for all. Default: it does. */
  leads?: () => boolean;
  log: Log;
};

/** Only a developer's token may see them, and the server has none. */
const UNSEEN = "Only npm run doctor can see the webhooks.";

/** The Pizza BOT on the platform that chat.io became. */
export function createLivechat(options: LivechatOptions): Platform {
  const { webhookSecret, reaction, installations, log } = options;
  const address = createAddressWatch(options.findings, options.publicUrl ?? "", log);
  const version = createVersionWatch(options.apiVersion, log);
  const client = createLivechatClient({ ...options, onHeaders: version.note });
  const bot = createKeywordBot({
    ...options,
    kind: ORGANIZATIONS,
    tokenCalls: createLivechatTokenCalls(client),
    visitCalls: createVisitCalls(client),
    ownTokens(keeper) {
      const tokens = createLivechatTokens({ ...options, client, keeper });
      return { act: tokens.act, checkBot: (account) => checkBot(tokens, account) };
    },
  });
  return {
    name: LIVECHAT.name,
    async open({ body }) {
      const delivery = readJson(body);
      verifySecret(delivery, webhookSecret);
      const organization = organizationOf(delivery);
      const installation = await installations.find(organization);
      if (installation !== null) return jobsOf(delivery, installation, reaction, log);
      log.info(
        { account: organization },
        "Ignored a delivery: the Pizza BOT is not installed in its organization.",
      );
      return [];
    },
    async handle(job, save) {
      try {
        return await bot.handle(job, save);
      } catch (error) {
        throw withoutFurtherPatience(error, job);
      }
    },
    problem: bot.problem,
    warnings: () => [...address.warnings(), ...bot.warnings(), ...version.warnings()],
    async start() {
      await address.start();
      await bot.start();
    },
    lookAgain: address.lookAgain,
    unseen: () => UNSEEN,
    stop: bot.stop,
    installer: createLivechatInstaller({ ...options, client, oneAtATime: bot.oneAtATime }),
  };
}

/** Looks at the bot, and puts it into groups that were made since. */
async function checkBot(tokens: LivechatTokens, account: string): Promise<void> {
  const { missingGroups } = await tokens.checkBot(account);
  if (missingGroups.length > 0) await tokens.joinGroups(account);
}
