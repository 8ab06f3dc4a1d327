import type { ReadableInstallation } from "../../store/store.ts";
import type { Bot } from "./client.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import { isBotGone, isTokenRefused } from "./refusals.ts";
import { createSharing } from "./sharing.ts";
import { botOf, createUpkeep, type UpkeepOptions } from "./upkeep.ts";

export type TokenKeeperOptions = UpkeepOptions & {
  /** By license; shared with the installer, so that the two never change one installation at once. */
  oneAtATime: OneAtATime;
};

export type TokenKeeper = {
  /** Makes a call as the license's bot. When the token is refused, renews it and makes the call once more. */
  use<T>(licenseId: number, call: (bot: Bot) => Promise<T>): Promise<T>;
  /** Renews the tokens, unless `accessToken` is no longer the current one: then somebody else just has. */
  renew(licenseId: number, accessToken: string): Promise<ReadableInstallation>;
  /** Brings the bot agent up to the current token and address: where that is still to be done, or by force. */
  updateBot(licenseId: number, force?: boolean): Promise<void>;
  /** Where the bot agent sends its webhooks; null: nowhere. One that is gone there leaves an installation to be made anew. */
  checkBot(licenseId: number): Promise<string | null>;
  /** Keeps everybody else from changing the installation, in whatever state it is. What needs a call `use`s the tokens. */
  hold<T>(licenseId: number, work: (use: Use) => Promise<T>): Promise<T>;
};

export type Use = <T>(call: (bot: Bot) => Promise<T>) => Promise<T>;

type Renew = (installation: ReadableInstallation) => Promise<ReadableInstallation>;

/** Keeps the tokens of all installations good. Whatever it throws is a PlatformError or a StoreError. */
export function createTokenKeeper({ oneAtATime, ...options }: TokenKeeperOptions): TokenKeeper {
  const { client } = options;
  const upkeep = createUpkeep(options);
  const sharedRenewal = createSharing<ReadableInstallation>();
  const sharedUpdate = createSharing<void>();

  /** Nobody else changes the installation meanwhile. */
  function alone<T>(licenseId: number, work: () => Promise<T>): Promise<T> {
    return oneAtATime(licenseId, async () => {
      await upkeep.keepUnkept(licenseId);
      return work();
    });
  }

  async function renewAlone(licenseId: number, accessToken: string): Promise<ReadableInstallation> {
    return alone(licenseId, async () => {
      const installation = await upkeep.usable(licenseId);
      return installation.credentials.accessToken === accessToken ? upkeep.renew(installation) : installation;
    });
  }

  /** Marks the installation, unless it has another bot agent by now. */
  function noteGoneBot(licenseId: number, botId: string): Promise<void> {
    return alone(licenseId, async () => {
      const installation = await upkeep.usable(licenseId);
      if (installation.botId === botId) await upkeep.giveUp(installation, { botIsGone: true });
    });
  }

  /** A bot agent that is still tied to an earlier token is logged out, and its calls would be refused for good. */
  async function withCurrentBot(installation: ReadableInstallation): Promise<ReadableInstallation> {
    const { licenseId, botIsCurrent, credentials } = installation;
    if (botIsCurrent) return installation;
    await sharedUpdate(licenseId, credentials.accessToken, () => keeper.updateBot(licenseId));
    return upkeep.usable(licenseId);
  }

  const keeper: TokenKeeper = {
    async use(licenseId, call) {
      if (upkeep.hasUnkept(licenseId)) await alone(licenseId, async () => {});
      return withRenewal(
        await withCurrentBot(await upkeep.usable(licenseId)),
        call,
        async ({ credentials }) => withCurrentBot(await keeper.renew(licenseId, credentials.accessToken)),
      );
    },
    renew: (licenseId, accessToken) =>
      sharedRenewal(licenseId, accessToken, () => renewAlone(licenseId, accessToken)),
    updateBot: (licenseId, force = false) =>
      alone(licenseId, async () => {
        const installation = await upkeep.usable(licenseId);
        if (!force && installation.botIsCurrent) return;
        await upkeep.tieBot(installation);
        await upkeep.usable(licenseId);
      }),
    checkBot: (licenseId) =>
      keeper.use(licenseId, async (bot) => {
        try {
          return await client.getBotAgentWebhookUrl(bot);
        } catch (error) {
          if (!isBotGone(error)) throw error;
          await noteGoneBot(licenseId, bot.botId);
          await upkeep.usable(licenseId);
          throw error;
        }
      }),
    hold: (licenseId, work) =>
      alone(licenseId, () =>
        work(async (call) => withRenewal(await upkeep.readable(licenseId), call, upkeep.renew)),
      ),
  };
  return keeper;
}

async function withRenewal<T>(
  installation: ReadableInstallation,
  call: (bot: Bot) => Promise<T>,
  renew: Renew,
): Promise<T> {
  try {
    return await call(botOf(installation));
  } catch (error) {
    if (!isTokenRefused(error)) throw error;
    return call(botOf(await renew(installation)));
  }
}
