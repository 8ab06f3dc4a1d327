import type { OneAtATime } from "./account-lock.ts";
import type { Bot } from "./client.ts";
import type { ReadableInstallation } from "./installation.ts";
import { isBotGone, isTokenRefused } from "./refusals.ts";
import { botOf, createUpkeep, type UpkeepOptions } from "./upkeep.ts";

/** For how long a failure is shared: asking again so soon would end in the same. */
const PAUSE_MS = 1000;

export type TokenKeeperOptions = UpkeepOptions & {
  /** By account; shared with the installer, so that the two never change one installation at once. */
  oneAtATime: OneAtATime;
};

export type TokenKeeper = {
  /** Makes a call as the account's bot. When the token is refused, renews it and makes the call once more. */
  use<T>(account: string, call: (bot: Bot) => Promise<T>): Promise<T>;
  /** Renews the tokens, unless `accessToken` is no longer the current one: then somebody else just has. */
  renew(account: string, accessToken: string): Promise<ReadableInstallation>;
  /** Updates the bot agent to the current token and address, where that is still to be done or `force` is set. */
  updateBot(account: string, force?: boolean): Promise<void>;
  /** Where the bot agent sends its webhooks; null: nowhere. If it is gone, marks the installation as needing a reinstall. */
  checkBot(account: string): Promise<string | null>;
  /** Runs the work while nobody else changes the installation, whatever its state. Its calls go through `use`. */
  hold<T>(account: string, work: (use: Use) => Promise<T>): Promise<T>;
};

export type Use = <T>(call: (bot: Bot) => Promise<T>) => Promise<T>;

type Renew = (installation: ReadableInstallation) => Promise<ReadableInstallation>;

/** Keeps the tokens of all installations valid. Throws only PlatformError and StoreError. */
export function createTokenKeeper({ oneAtATime, ...options }: TokenKeeperOptions): TokenKeeper {
  const { client } = options;
  const upkeep = createUpkeep(options);
  const sharedRenewal = createSharing<ReadableInstallation>();
  const sharedUpdate = createSharing<void>();

  /** Nobody else changes the installation meanwhile. */
  function alone<T>(account: string, work: () => Promise<T>): Promise<T> {
    return oneAtATime(account, async () => {
      await upkeep.keepUnkept(account);
      return work();
    });
  }

  async function renewAlone(account: string, accessToken: string): Promise<ReadableInstallation> {
    return alone(account, async () => {
      const installation = await upkeep.usable(account);
      return installation.credentials.accessToken === accessToken ? upkeep.renew(installation) : installation;
    });
  }

  /** Marks the installation, unless it has another bot agent by now. */
  function noteGoneBot(account: string, botId: string): Promise<void> {
    return alone(account, async () => {
      const installation = await upkeep.usable(account);
      if (installation.botId === botId) await upkeep.giveUp(installation, { botIsGone: true });
    });
  }

  /** A bot agent that is still tied to an earlier token is logged out, and its calls would be refused for good. */
  async function withCurrentBot(installation: ReadableInstallation): Promise<ReadableInstallation> {
    const { account, botIsCurrent, credentials } = installation;
    if (botIsCurrent) return installation;
    await sharedUpdate(account, credentials.accessToken, () => keeper.updateBot(account));
    return upkeep.usable(account);
  }

  const keeper: TokenKeeper = {
    async use(account, call) {
      if (upkeep.hasUnkept(account)) await alone(account, async () => {});
      return withRenewal(await withCurrentBot(await upkeep.usable(account)), call, async ({ credentials }) =>
        withCurrentBot(await keeper.renew(account, credentials.accessToken)),
      );
    },
    renew: (account, accessToken) =>
      sharedRenewal(account, accessToken, () => renewAlone(account, accessToken)),
    updateBot: (account, force = false) =>
      alone(account, async () => {
        const installation = await upkeep.usable(account);
        if (!force && installation.botIsCurrent) return;
        await upkeep.tieBot(installation);
        await upkeep.usable(account);
      }),
    checkBot: (account) =>
      keeper.use(account, async (bot) => {
        try {
          return await client.getBotAgentWebhookUrl(bot);
        } catch (error) {
          if (!isBotGone(error)) throw error;
          await noteGoneBot(account, bot.botId);
          await upkeep.usable(account);
          throw error;
        }
      }),
    hold: (account, work) =>
      alone(account, () =>
        work(async (call) => withRenewal(await upkeep.readable(account), call, upkeep.renew)),
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

/**
 * Makes one attempt for everybody who asks for the same at the same time. They share its result, and a failure is shared
 * with whoever asks within a second. Only the latest subject of an account is remembered.
 */
function createSharing<Result>() {
  const attempts = new Map<string, { subject: string; result: Promise<Result>; sharedUntil: number }>();

  return function shared(account: string, subject: string, work: () => Promise<Result>): Promise<Result> {
    const earlier = attempts.get(account);
    if (earlier?.subject === subject && performance.now() < earlier.sharedUntil) return earlier.result;
    const attempt = { subject, result: work(), sharedUntil: Number.POSITIVE_INFINITY };
    attempts.set(account, attempt);
    attempt.result.then(
      () => {
        if (attempts.get(account) === attempt) attempts.delete(account);
      },
      () => {
        attempt.sharedUntil = performance.now() + PAUSE_MS;
      },
    );
    return attempt.result;
  };
}
