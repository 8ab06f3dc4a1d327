import { createHash } from "node:crypto";
import { wasNotDone } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Installation, Installations } from "../../store/store.ts";
import type { OneAtATime } from "../keyword-bot/account-lock.ts";
import { createInstaller, type InstallSteps, type Undo } from "../keyword-bot/installer.ts";
import type { Installer } from "../platform.ts";
import { issueBotToken } from "./bot-token.ts";
import type { Access, LivechatClient, OrganizationTokens } from "./client.ts";
import { detailsOf, type LivechatCredentials, ORGANIZATIONS } from "./installation.ts";

export type LivechatInstallerOptions = {
  client: LivechatClient;
  installations: Installations;
  oneAtATime: OneAtATime;
  accountsUrl: string;
  clientId: string;
  redirectUri: string;
  /** Organizations that may install the bot; null: any. */
  allowedOrganizations: readonly string[] | null;
  log: Log;
};

type StepsOptions = Pick<LivechatInstallerOptions, "client" | "accountsUrl" | "clientId" | "redirectUri">;

/** Installs the Pizza BOT in organizations. */
export function createLivechatInstaller(options: LivechatInstallerOptions): Installer {
  return createInstaller({
    ...options,
    kind: ORGANIZATIONS,
    steps: stepsOf(options),
    allowedAccounts: options.allowedOrganizations,
  });
}

/** `secret` null: it is lost, since LiveChat tells it once. */
type FoundBot = { id: string; secret: string | null };

function stepsOf({
  client,
  accountsUrl,
  clientId,
  redirectUri,
}: StepsOptions): InstallSteps<LivechatCredentials, OrganizationTokens> {
  async function createBot(access: Access, groups: readonly number[], undos: Undo[]): Promise<FoundBot> {
    const bot = await client.createBot(access, groups).catch((error: unknown) => {
      // It may have been made all the same; before this call there was none.
      if (!wasNotDone(error)) undos.push({ what: "deleting the bot", run: () => deleteBots(access) });
      throw error;
    });
    undos.push({ what: "deleting the bot", run: () => client.deleteBot(access, bot.id) });
    return bot;
  }

  async function deleteBots(access: Access): Promise<void> {
    for (const { id, isPizzaBot } of await client.listBots(access))
      if (isPizzaBot) await client.deleteBot(access, id);
  }

  /** The bot that is there already: the earlier installation's, or else one that another server or a crash has left. */
  async function findBot(access: Access, earlier: Installation | null): Promise<FoundBot | null> {
    const bots = await client.listBots(access);
    if (earlier && bots.some(({ id }) => id === earlier.botId)) {
      const secret = ORGANIZATIONS.isReadable(earlier) ? earlier.credentials.botSecret : null;
      return { id: earlier.botId, secret };
    }
    const left = bots.find(({ isPizzaBot }) => isPizzaBot);
    return left ? { id: left.id, secret: null } : null;
  }

  async function findOrCreateBot(
    access: Access,
    earlier: Installation | null,
    undos: Undo[],
  ): Promise<FoundBot> {
    const found = await findBot(access, earlier);
    const groups = await client.listGroups(access);
    if (found === null) return createBot(access, groups, undos);
    await client.setGroups(access, found.id, groups);
    return found;
  }

  return {
    consentUrl(state, verifier) {
      const query = {
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
      };
      return `${accountsUrl}/?${new URLSearchParams(query)}`;
    },
    exchange: client.exchange,
    accountOf: async ({ account }) => account,
    revoke: client.revoke,
    async setUpBot({ account, tokens: { accessToken, refreshToken }, earlier, undos }) {
      const region = earlier && detailsOf(earlier).region;
      const access = { account, accessToken, region };
      const bot = await findOrCreateBot(access, earlier, undos);
      const { botToken, botSecret, issuedAt } = await issueBotToken(
        client,
        (call) => call(access),
        bot.id,
        bot.secret,
      );
      await client.goOnline(access, bot.id);
      // Installing enables them, unless they were once disabled here. Without them the bot would hear nothing, so a failure
      // is one of the installation.
      await client.enableWebhooks(access);
      return {
        botId: bot.id,
        credentials: { accessToken, refreshToken, botToken, botSecret },
        // Deliveries name the organization, and the secret in them is the app's.
        lookup: null,
        details: { region: client.regionOf(account) ?? region, botTokenIssuedAt: issuedAt },
        // Webhooks are the app's, not the bot's.
        webhookUrl: "",
      };
    },
  };
}
