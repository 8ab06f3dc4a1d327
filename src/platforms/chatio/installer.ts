import { NotAllowed, sentenceOf, wasNotDone } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { fingerprint, randomSecret } from "../../secrets.ts";
import type { Installation, Installations } from "../../store/store.ts";
import type { Installer } from "../platform.ts";
import type { OneAtATime } from "./account-lock.ts";
import type { Access, ChatioClient, Tokens } from "./client.ts";
import { isReadable } from "./installation.ts";
import { createCounts } from "./overview.ts";
import { isBotGone } from "./refusals.ts";
import { botOf } from "./upkeep.ts";

export type InstallerOptions = {
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

type Undo = { what: string; run: () => Promise<void> };

/**
 * Installs the Pizza BOT: trades the code for tokens, asks for their license, makes or updates the bot agent, and saves
 * all of it. When a step fails, the earlier ones are undone.
 */
export function createInstaller(options: InstallerOptions): Installer {
  const { client, installations, oneAtATime, log } = options;
  const counts = createCounts(installations);

  async function setUp(account: string, tokens: Tokens, askedAt: number, undos: Undo[]): Promise<void> {
    const earlier = await installations.find(account);
    // The same secret as before: what chat.io sends until an update takes effect must still be known.
    const webhookSecret = earlier && isReadable(earlier) ? earlier.credentials.webhookSecret : randomSecret();
    const botId =
      (earlier && (await updateBot(earlier, tokens, webhookSecret, undos))) ??
      (await createBot({ account, accessToken: tokens.accessToken }, webhookSecret, undos));
    await installations.save({
      platform: "chatio",
      account,
      botId,
      credentials: { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken, webhookSecret },
      lookup: fingerprint(webhookSecret),
      details: {},
      obtainedAt: askedAt,
      expiresAt: askedAt + tokens.expiresInMs,
      botIsCurrent: true,
      needsReinstall: false,
      botIsGone: false,
      webhookUrl: options.webhookUrl,
    });
    log.info({ account, again: earlier !== null }, "The Pizza BOT is installed.");
  }

  async function createBot(access: Access, webhookSecret: string, undos: Undo[]): Promise<string> {
    const botId = await client.createBotAgent(access, webhookSecret).catch((error: unknown) => {
      // It may have been made all the same, and the next installation would make a second one.
      if (!wasNotDone(error)) undos.push({ what: "what may have been made", run: () => removeBots(access) });
      throw error;
    });
    undos.push({ what: "the bot agent", run: () => client.removeBotAgent({ ...access, botId }) });
    return botId;
  }

  /** Of the bots with our name only those that send their webhooks here: others may be another server's. */
  async function removeBots(access: Access): Promise<void> {
    for (const botId of await client.findBotAgents(access)) {
      const bot = { ...access, botId };
      if ((await client.getBotAgentWebhookUrl(bot)) === options.webhookUrl) await client.removeBotAgent(bot);
    }
  }

  /** The id of the bot agent, or null when it is gone on their side. */
  async function updateBot(
    earlier: Installation,
    { accessToken }: Tokens,
    webhookSecret: string,
    undos: Undo[],
  ): Promise<string | null> {
    const { account, botId } = earlier;
    const isUndoable = isReadable(earlier);
    if (isUndoable) {
      const bot = botOf(earlier);
      undos.push({
        what: "the update of the bot agent",
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

  async function takeBack(undos: Undo[]): Promise<void> {
    for (const { what, run } of undos.reverse()) {
      try {
        await run();
      } catch (error) {
        log.warn(`The installation failed, and ${what} could not be taken back: ${sentenceOf(error)}`);
      }
    }
  }

  return {
    consentUrl(state) {
      const query = {
        response_type: "code",
        client_id: options.clientId,
        redirect_uri: options.redirectUri,
        state,
      };
      return `${options.accountsUrl}/?${new URLSearchParams(query)}`;
    },
    countInstallations: counts.read,
    async install(code) {
      const askedAt = Date.now();
      const tokens = await client.exchange(code);
      const revoke = { what: "its token", run: () => client.revoke(tokens.accessToken) };
      const undos: Undo[] = [];
      try {
        const { account } = await client.info(tokens.accessToken);
        checkAllowed(account, options.allowedLicenses);
        await oneAtATime(account, async () => {
          try {
            await setUp(account, tokens, askedAt, undos);
          } catch (failure) {
            await takeBack(undos);
            throw failure;
          }
        });
        counts.forget();
        return { account };
      } catch (failure) {
        await takeBack([revoke]);
        throw failure;
      }
    },
  };
}

function checkAllowed(account: string, allowed: readonly string[] | null): void {
  if (allowed === null || allowed.includes(account)) return;
  throw new NotAllowed(`License ${account} may not use this server.`);
}
