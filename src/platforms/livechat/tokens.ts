import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Installations } from "../../store/store.ts";
import type { Act } from "../keyword-bot/handle.ts";
import { createSharedAttempt } from "../keyword-bot/shared-attempt.ts";
import type { TokenKeeper } from "../keyword-bot/tokens.ts";
import { issueBotToken } from "./bot-token.ts";
import type { Bot, LivechatClient } from "./client.ts";
import {
  type BotLook,
  type LivechatCredentials,
  type LivechatInstallation,
  withBotToken,
  withDetails,
} from "./installation.ts";
import { isBotGone, isExpired } from "./refusals.ts";
import { createAct } from "./remedies.ts";

export type LivechatTokensOptions = {
  client: LivechatClient;
  keeper: TokenKeeper<LivechatCredentials, Bot, BotLook>;
  installations: Installations;
  log: Log;
};

/** `use` makes calls by the access token, `act` by the bot token: all those in chats. */
export type LivechatTokens = TokenKeeper<LivechatCredentials, Bot, BotLook> & {
  act: Act<Bot>;
  /** Puts the bot into all groups of the organization. */
  joinGroups(account: string): Promise<void>;
  /** Puts the bot on line. */
  goOnline(account: string): Promise<void>;
};

/**
 * Keeps the bot tokens of all organizations valid too, and puts right what keeps the bots from acting in chats. Throws only
 * PlatformError and StoreError.
 */
export function createLivechatTokens({
  client,
  keeper,
  installations,
  log,
}: LivechatTokensOptions): LivechatTokens {
  const shared = {
    issue: createSharedAttempt<LivechatInstallation>(),
    groups: createSharedAttempt<void>(),
    status: createSharedAttempt<void>(),
  };
  /** The region that is kept of each organization that has to name one. */
  const keptRegions = new Map<string, string>();

  /** Notes what a call has told of the organization: the region that it is kept in, or that it no longer pays. */
  async function noting<T>(account: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isExpired(error)) await giveUp(account, { botIsGone: false, details: { hasExpired: true } });
      throw error;
    } finally {
      await keepRegion(account);
    }
  }

  async function giveUp(account: string, loss: Parameters<typeof keeper.giveUp>[2]): Promise<void> {
    const installation = await installations.find(account);
    if (installation) await keeper.giveUp(account, installation.botId, loss);
  }

  async function keepRegion(account: string): Promise<void> {
    const region = client.regionOf(account);
    if (region === null || keptRegions.get(account) === region) return;
    try {
      await keeper.change(account, async () => (stored) => withDetails(stored, { region }));
      keptRegions.set(account, region);
    } catch (error) {
      log.debug({ account }, `The region could not be kept: ${sentenceOf(error)}`);
    }
  }

  async function reissueAlone(account: string, stale: string): Promise<LivechatInstallation> {
    try {
      return await keeper.change(account, async (use) => {
        const { botId, botToken, botSecret } = await use(async (bot) => bot);
        if (botToken !== stale) return (stored) => stored;
        const issued = await issueBotToken(client, use, botId, botSecret);
        log.info({ account }, "The bot token was issued again.");
        return (stored) => withBotToken(stored, issued);
      });
    } catch (error) {
      if (isBotGone(error)) await giveUp(account, { botIsGone: true });
      throw error;
    }
  }

  async function setAllGroups(bot: Bot): Promise<void> {
    await client.setGroups(bot, bot.botId, await client.listGroups(bot));
  }

  const use: LivechatTokens["use"] = (account, call) => noting(account, () => keeper.use(account, call));

  const remedies = {
    current: keeper.current,
    checkBot: keeper.checkBot,
    /** Issues the bot token again, unless this is no longer the current one: then somebody else just has. */
    reissue: (account: string, botToken: string) =>
      shared.issue(account, botToken, () => reissueAlone(account, botToken)),
    joinGroups: (account: string) => shared.groups(account, "groups", () => use(account, setAllGroups)),
    goOnline: (account: string) =>
      shared.status(account, "status", () => use(account, (bot) => client.goOnline(bot, bot.botId))),
  };
  const act = createAct(remedies);

  return {
    ...keeper,
    ...remedies,
    use,
    act: (account, call) => noting(account, () => act(account, call)),
    checkBot: (account) => noting(account, () => keeper.checkBot(account)),
  };
}
