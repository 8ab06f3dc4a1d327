import { PlatformError } from "../../errors.ts";
import type { OneAtATime } from "./account-lock.ts";
import type { OAuthCredentials, ReadableInstallation } from "./installation.ts";
import { createSharedAttempt } from "./shared-attempt.ts";
import { type Change, createUpkeep, type Loss, type UpkeepCalls, type UpkeepOptions } from "./upkeep.ts";

/** `Bot`: what the platform's other calls need, made from an installation. `Look`: what a look at the bot finds. */
export type TokenCalls<Secrets extends OAuthCredentials, Bot, Look> = UpkeepCalls<Secrets> & {
  botOf(installation: ReadableInstallation<Secrets>): Bot;
  /** By the access token. */
  lookAtBot(bot: Bot): Promise<Look>;
};

export type TokenKeeperOptions<Secrets extends OAuthCredentials, Bot, Look> = UpkeepOptions<Secrets> & {
  calls: TokenCalls<Secrets, Bot, Look>;
  /** By account; shared with the installer, so that the two never change one installation at once. */
  oneAtATime: OneAtATime;
};

export type TokenKeeper<Secrets extends OAuthCredentials, Bot, Look = unknown> = {
  /** Makes a call with the account's access token. If that is refused, renews it and makes the call once more. */
  use<T>(account: string, call: (bot: Bot) => Promise<T>): Promise<T>;
  /** The installation, its bot up to date. Throws PlatformError if no calls can be made with it. */
  current(account: string): Promise<ReadableInstallation<Secrets>>;
  /** Renews the tokens, unless `accessToken` is no longer the current one: then somebody else just has. */
  renew(account: string, accessToken: string): Promise<ReadableInstallation<Secrets>>;
  /** Brings the bot up to date with the current tokens, if that is still to be done or `force` is set. */
  updateBot(account: string, force?: boolean): Promise<void>;
  /** Looks at the bot. If it is gone, marks the installation as needing a reinstall. */
  checkBot(account: string): Promise<Look>;
  /** Marks the installation as needing a reinstall, and throws that it does. Does nothing if it has another bot by now. */
  giveUp(account: string, botId: string, loss: Loss): Promise<void>;
  /** Does the work while nobody else changes the installation, whatever its state. Its calls go through `use`. */
  withLock<T>(account: string, work: (use: Use<Bot>) => Promise<T>): Promise<T>;
  /**
   * Changes the installation while nobody else does. `work` makes its calls through `use` and returns a change, which is
   * applied to what is stored when `work` has ended. Returns what is stored afterwards.
   */
  change(
    account: string,
    work: (use: Use<Bot>) => Promise<Change<Secrets>>,
  ): Promise<ReadableInstallation<Secrets>>;
};

export type Use<Bot> = <T>(call: (bot: Bot) => Promise<T>) => Promise<T>;

/** Whether a call was refused because the token that it was made with is not valid, or no longer. */
export function isTokenRefused(error: unknown): boolean {
  return (
    error instanceof PlatformError &&
    (error.type === "authentication" || (error.type === null && error.status === 401))
  );
}

/** Keeps the tokens of all installations valid. Throws only PlatformError and StoreError. */
export function createTokenKeeper<Secrets extends OAuthCredentials, Bot, Look>({
  oneAtATime,
  ...options
}: TokenKeeperOptions<Secrets, Bot, Look>): TokenKeeper<Secrets, Bot, Look> {
  type Readable = ReadableInstallation<Secrets>;
  const { calls } = options;
  const upkeep = createUpkeep(options);
  const sharedRenewal = createSharedAttempt<Readable>();
  const sharedUpdate = createSharedAttempt<void>();

  /** Nobody else changes the installation meanwhile. */
  function locked<T>(account: string, work: () => Promise<T>): Promise<T> {
    return oneAtATime(account, async () => {
      await upkeep.keepUnkept(account);
      return work();
    });
  }

  async function renewAlone(account: string, accessToken: string): Promise<Readable> {
    return locked(account, async () => {
      const installation = await upkeep.usable(account);
      return installation.credentials.accessToken === accessToken ? upkeep.renew(installation) : installation;
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
    if (upkeep.hasUnkept(account)) await locked(account, async () => {});
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
      if (!isTokenRefused(error)) throw error;
      return call(await renew(installation));
    }
  }

  async function lookAt(installation: Readable): Promise<Look> {
    try {
      return await calls.lookAtBot(calls.botOf(installation));
    } catch (error) {
      if (calls.isBotGone(error))
        await keeper.giveUp(installation.account, installation.botId, { botIsGone: true });
      throw error;
    }
  }

  /** For whoever has the lock already. */
  function useLocked(account: string): Use<Bot> {
    return async (call) =>
      withRenewal(
        await upkeep.readable(account),
        (installation) => call(calls.botOf(installation)),
        upkeep.renew,
      );
  }

  const keeper: TokenKeeper<Secrets, Bot, Look> = {
    use: async (account, call) =>
      withRenewal(await current(account), (installation) => call(calls.botOf(installation)), renewOf),
    current,
    renew: (account, accessToken) =>
      sharedRenewal(account, accessToken, () => renewAlone(account, accessToken)),
    updateBot: (account, force = false) =>
      locked(account, async () => {
        const installation = await upkeep.usable(account);
        if (!force && installation.botIsCurrent) return;
        await upkeep.updateBot(installation).catch(async (error: unknown) => {
          if (!isTokenRefused(error)) throw error;
          await upkeep.renew(installation);
        });
        await upkeep.usable(account);
      }),
    checkBot: async (account) => withRenewal(await current(account), lookAt, renewOf),
    giveUp: (account, botId, loss) =>
      locked(account, async () => {
        const installation = await upkeep.usable(account);
        if (installation.botId === botId) await upkeep.giveUp(installation, loss);
        await upkeep.usable(account);
      }),
    withLock: (account, work) => locked(account, () => work(useLocked(account))),
    change: (account, work) =>
      locked(account, async () => {
        await upkeep.usable(account);
        const change = await work(useLocked(account));
        await upkeep.apply(account, change);
        return upkeep.usable(account);
      }),
  };
  return keeper;
}
