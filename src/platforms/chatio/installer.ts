import { wasNotDone } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { fingerprint, randomSecret } from "../../secrets.ts";
import type { Installation, Installations } from "../../store/store.ts";
import type { OneAtATime } from "../keyword-bot/account-lock.ts";
import type { Tokens } from "../keyword-bot/installation.ts";
import { createInstaller, type InstallSteps, type Undo } from "../keyword-bot/installer.ts";
import type { Installer } from "../platform.ts";
import type { Access, ChatioClient } from "./client.ts";
import { botOf, type ChatioCredentials, LICENSES } from "./installation.ts";
import { isBotGone } from "./refusals.ts";

export type ChatioInstallerOptions = {
  client: ChatioClient;
  installations: Installations;
  oneAtATime: OneAtATime;
  accountsUrl: string;
  clientId: string;
  redirectUri: string;
  webhookUrl: string;
  /** Licenses that may install the bot; null: any. */
  allowedLicenses: readonly string[] | null;
  log: Log;
};

type StepsOptions = Pick<
  ChatioInstallerOptions,
  "client" | "accountsUrl" | "clientId" | "redirectUri" | "webhookUrl"
>;

/** Installs the Pizza BOT on licenses. */
export function createChatioInstaller(options: ChatioInstallerOptions): Installer {
  return createInstaller({
    ...options,
    kind: LICENSES,
    steps: stepsOf(options),
    allowedAccounts: options.allowedLicenses,
  });
}

function stepsOf({
  client,
  accountsUrl,
  clientId,
  redirectUri,
  webhookUrl,
}: StepsOptions): InstallSteps<ChatioCredentials, Tokens> {
  async function createBot(access: Access, webhookSecret: string, undos: Undo[]): Promise<string> {
    const botId = await client.createBotAgent(access, webhookSecret).catch((error: unknown) => {
      // It may exist nevertheless, and the next installation would make a second one.
      if (!wasNotDone(error)) undos.push({ what: "removing a bot agent", run: () => removeBots(access) });
      throw error;
    });
    undos.push({ what: "removing the bot agent", run: () => client.removeBotAgent({ ...access, botId }) });
    return botId;
  }

  /** Removes only those bots with our name that send their webhooks here: others may be another server's. */
  async function removeBots(access: Access): Promise<void> {
    for (const botId of await client.findBotAgents(access)) {
      const bot = { ...access, botId };
      if ((await client.getBotAgentWebhookUrl(bot)) === webhookUrl) await client.removeBotAgent(bot);
    }
  }

  /** The id of the bot agent; null when it no longer exists at chat.io. */
  async function updateBot(
    earlier: Installation,
    accessToken: string,
    webhookSecret: string,
    undos: Undo[],
  ): Promise<string | null> {
    const { account, botId } = earlier;
    const isUndoable = LICENSES.isReadable(earlier);
    if (isUndoable) {
      const bot = botOf(earlier);
      undos.push({
        what: "restoring the bot agent",
        run: () => client.updateBotAgent(bot, webhookSecret),
      });
    }
    try {
      await client.updateBotAgent({ account, accessToken, botId }, webhookSecret);
      return botId;
    } catch (error) {
      if (isUndoable && wasNotDone(error)) undos.pop();
      if (!isBotGone(error)) throw error;
      return null;
    }
  }

  return {
    consentUrl(state) {
      const query = { response_type: "code", client_id: clientId, redirect_uri: redirectUri, state };
      return `${accountsUrl}/?${new URLSearchParams(query)}`;
    },
    exchange: (code) => client.exchange(code),
    accountOf: async ({ accessToken }) => (await client.info(accessToken)).account,
    revoke: (accessToken) => client.revoke(accessToken),
    async setUpBot({ account, tokens: { accessToken, refreshToken }, earlier, undos }) {
      // The same secret as before: until an update takes effect, chat.io goes on sending it.
      const webhookSecret =
        earlier && LICENSES.isReadable(earlier) ? earlier.credentials.webhookSecret : randomSecret();
      const botId =
        (earlier && (await updateBot(earlier, accessToken, webhookSecret, undos))) ??
        (await createBot({ account, accessToken }, webhookSecret, undos));
      return {
        botId,
        credentials: { accessToken, refreshToken, webhookSecret },
        lookup: fingerprint(webhookSecret),
        details: {},
        webhookUrl,
      };
    },
  };
}
