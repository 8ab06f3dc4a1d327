import type { OneAtATime } from "./account-lock.ts";
import type { OAuthCredentials, ReadableInstallation } from "./installation.ts";
import { createUpkeep, type UpkeepCalls, type UpkeepOptions } from "./upkeep.ts";

/** A failure is shared with whoever asks within this time: asking again so soon would fail again. */
const SHARED_FAILURE_MS = 1000;

/** `Bot`: what the platform's other calls need, made from an installation. */
export type TokenCalls<Secrets extends OAuthCredentials, Bot> = UpkeepCalls<Secrets> & {
  botOf(installation: ReadableInstallation<Secrets>): Bot;
  /** Where the bot sends webhooks of its own; null: nowhere. */
  webhookUrlOf(bot: Bot): Promise<string | null>;
  /** Whether a call was refused because its access token is not valid, or no longer. */
  isTokenRefused(error: unknown): boolean;
};

export type TokenKeeperOptions<Secrets extends OAuthCredentials, Bot> = UpkeepOptions<Secrets> & {
  calls: TokenCalls<Secrets, Bot>;
  /** By account; shared with the installer, so that the two never change one installation at once. */
  oneAtATime: OneAtATime;
};

export type TokenKeeper<Secrets extends OAuthCredentials, Bot> = {
  /** Makes a call as the account's bot. If its access token is refused, renews it and makes the call once more. */
  use<T>(account: string, call: (bot: Bot) => Promise<T>): Promise<T>;
  /** Renews the tokens, unless `accessToken` is no longer the current one: then somebody else just has. */
  renew(account: string, accessToken: string): Promise<ReadableInstallation<Secrets>>;
  /** Brings the bot up to date with the current tokens, if that is still to be done or `force` is set. */
  updateBot(account: string, force?: boolean): Promise<void>;
  /** Where the bot sends webhooks of its own; null: nowhere. If it is gone, marks the installation as needing a reinstall. */
  checkBot(account: string): Promise<string | null>;
  /** Does the work while nobody else changes the installation, whatever its state. Its calls go through `use`. */
  hold<T>(account: string, work: (use: Use<Bot>) => Promise<T>): Promise<T>;
};

export type Use<Bot> = <T>(call: (bot: Bot) => Promise<T>) => Promise<T>;

/** Keeps the tokens of all installations valid. Throws only PlatformError and StoreError. */
export function createTokenKeeper<Secrets extends OAuthCredentials, Bot>({
  oneAtATime,
  ...options
}: TokenKeeperOptions<Secrets, Bot>): TokenKeeper<Secrets, Bot> {
  type Readable = ReadableInstallation<Secrets>;
  const { calls } = options;
  const upkeep = createUpkeep(options);
  const sharedRenewal = createSharing<Readable>();
  const sharedUpdate = createSharing<void>();

  /** Nobody else changes the installation meanwhile. */
  function alone<T>(account: string, work: () => Promise<T>): Promise<T> {
    return oneAtATime(account, async () => {
      await upkeep.keepUnkept(account);
      return work();
    });
  }

  async function renewAlone(account: string, accessToken: string): Promise<Readable> {
    return alone(account, async () => {
      const installation = await upkeep.usable(account);
      return installation.credentials.accessToken === accessToken ? upkeep.renew(installation) : installation;
    });
  }

  /** Marks the installation, unless it has another bot by now. */
  function noteGoneBot(account: string, botId: string): Promise<void> {
    return alone(account, async () => {
      const installation = await upkeep.usable(account);
      if (installation.botId === botId) await upkeep.giveUp(installation, { botIsGone: true });
    });
  }

  /** A bot that is not up to date with the tokens is logged out, and its calls would be refused for good. */
  async function withCurrentBot(installation: Readable): Promise<Readable> {
    const { account, botIsCurrent, credentials } = installation;
    if (botIsCurrent) return installation;
    await sharedUpdate(account, credentials.accessToken, () => keeper.updateBot(account));
    return upkeep.usable(account);
  }

  async function current(account: string): Promise<Readable> {
    if (upkeep.hasUnkept(account)) await alone(account, async () => {});
    return withCurrentBot(await upkeep.usable(account));
  }

  async function renewOf({ account, credentials }: Readable): Promise<Readable> {
    return withCurrentBot(await keeper.renew(account, credentials.accessToken));
  }

  async function withRenewal<T>(
    installation: Readable,
    call: (installation: Readable) => Promise<T>,
    renew: (installation: Readable) => Promise<Readable>,
  ): Promise<T> {
    try {
      return await call(installation);
    } catch (error) {
      if (!calls.isTokenRefused(error)) throw error;
      return call(await renew(installation));
    }
  }

  async function lookAt(installation: Readable): Promise<string | null> {
    const { account, botId } = installation;
    try {
      return await calls.webhookUrlOf(calls.botOf(installation));
    } catch (error) {
      if (!calls.isBotGone(error)) throw error;
      await noteGoneBot(account, botId);
      await upkeep.usable(account);
      throw error;
    }
  }

  const keeper: TokenKeeper<Secrets, Bot> = {
    use: async (account, call) =>
      withRenewal(await current(account), (installation) => call(calls.botOf(installation)), renewOf),
    renew: (account, accessToken) =>
      sharedRenewal(account, accessToken, () => renewAlone(account, accessToken)),
    updateBot: (account, force = false) =>
      alone(account, async () => {
        const installation = await upkeep.usable(account);
        if (!force && installation.botIsCurrent) return;
        await upkeep.updateBot(installation);
        await upkeep.usable(account);
      }),
    checkBot: async (account) => withRenewal(await current(account), lookAt, renewOf),
    hold: (account, work) =>
      alone(account, () =>
        work(async (call) =>
          withRenewal(
            await upkeep.readable(account),
            (installation) => call(calls.botOf(installation)),
            upkeep.renew,
          ),
        ),
      ),
  };
  return keeper;
}

/**
 * Makes one attempt for everybody who asks for the same at the same time. They share its result, and a failure is shared
 * with whoever asks within a second. Of each account only the latest subject is remembered.
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
        attempt.sharedUntil = performance.now() + SHARED_FAILURE_MS;
      },
    );
    return attempt.result;
  };
}
