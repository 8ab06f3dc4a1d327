import { PlatformError, sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Installation, Installations, ReadableInstallation } from "../../store/store.ts";
import type { Bot, ChatioClient } from "./client.ts";
import { isReadable, needsReinstall, notInstalled, unreadable } from "./installation.ts";
import type { OneAtATime } from "./one-at-a-time.ts";

export type TokenKeeperOptions = {
  client: ChatioClient;
  installations: Installations;
  /** By license; shared with the installer, so that the two never change one installation at once. */
  oneAtATime: OneAtATime;
  /** Where the client tells bot agents to send their webhooks. */
  webhookUrl: string;
  log: Log;
};

export type TokenKeeper = {
  /** Makes a call as the license's bot. When the token is refused, renews it and makes the call once more. */
  use<T>(licenseId: number, call: (bot: Bot) => Promise<T>): Promise<T>;
  /** Renews the tokens, unless `accessToken` is no longer the current one: then somebody else just has. */
  renew(licenseId: number, accessToken: string): Promise<ReadableInstallation>;
  /** Brings the bot agent up to the current token and address: where that is still to be done, or by force. */
  updateBot(licenseId: number, force?: boolean): Promise<void>;
};

/** Keeps the tokens of all installations good. Whatever it throws is a PlatformError or a StoreError. */
export function createTokenKeeper(options: TokenKeeperOptions): TokenKeeper {
  const { client, installations, oneAtATime, webhookUrl, log } = options;
  /**
   * Renewed, but not on disk yet since the database could not keep it, with the refresh token that is used up by it.
   * Looked after one at a time, like all that changes an installation.
   */
  const unkept = new Map<number, { renewed: ReadableInstallation; usedUp: string }>();

  async function current(licenseId: number): Promise<ReadableInstallation> {
    return usable(licenseId, await installations.find(licenseId));
  }

  async function keep(renewed: ReadableInstallation, usedUp: string): Promise<void> {
    unkept.set(renewed.licenseId, { renewed, usedUp });
    await installations.save(renewed);
    unkept.delete(renewed.licenseId);
  }

  /** What was installed or removed since is the newer truth. */
  async function keepUnkept(licenseId: number): Promise<void> {
    const waiting = unkept.get(licenseId);
    if (!waiting) return;
    const stored = await installations.find(licenseId);
    if (stored?.credentials?.refreshToken === waiting.usedUp) await keep(waiting.renewed, waiting.usedUp);
    unkept.delete(licenseId);
  }

  /** Nobody else changes the installation meanwhile. */
  function alone<T>(licenseId: number, work: (installation: ReadableInstallation) => Promise<T>): Promise<T> {
    return oneAtATime(licenseId, async () => {
      await keepUnkept(licenseId);
      return work(await current(licenseId));
    });
  }

  async function renewNow(stale: ReadableInstallation): Promise<ReadableInstallation> {
    const askedAt = Date.now();
    const { accessToken, refreshToken, expiresInMs } = await client
      .refresh(stale.licenseId, stale.credentials.refreshToken)
      .catch(async (error: unknown) => {
        throw isInvalidGrant(error) ? await giveUp(stale) : error;
      });
    const renewed = {
      ...stale,
      credentials: { ...stale.credentials, accessToken, refreshToken },
      obtainedAt: askedAt,
      expiresAt: askedAt + expiresInMs,
      botIsCurrent: false,
    };
    // The one loss that cannot be avoided: chat.io has used up the old refresh token, and until this commit the new one
    // is nowhere but in memory. A crash in between costs a reinstall.
    await keep(renewed, stale.credentials.refreshToken);
    log.info({ license: stale.licenseId }, "The tokens were renewed.");
    // That this fails costs no job: the next round of renewals sees to it.
    return tieBot(renewed).catch((error: unknown) => {
      log.warn({ license: stale.licenseId }, `The bot agent could not be updated yet: ${sentenceOf(error)}`);
      return renewed;
    });
  }

  async function giveUp(stale: ReadableInstallation): Promise<PlatformError> {
    await installations.save({ ...stale, needsReinstall: true });
    const message = needsReinstall(stale.licenseId);
    log.warn(message);
    return new PlatformError(message, { type: "needs_reinstall", retryable: false });
  }

  async function tieBot(installation: ReadableInstallation): Promise<ReadableInstallation> {
    await client.updateBotAgent(botOf(installation), installation.credentials.webhookSecret);
    const tied = { ...installation, botIsCurrent: true, webhookUrl };
    await installations.save(tied);
    return tied;
  }

  const keeper: TokenKeeper = {
    async use(licenseId, call) {
      if (unkept.has(licenseId)) await alone(licenseId, async () => {});
      const installation = await current(licenseId);
      try {
        return await call(botOf(installation));
      } catch (error) {
        if (!isTokenRefused(error)) throw error;
        return call(botOf(await keeper.renew(licenseId, installation.credentials.accessToken)));
      }
    },
    renew: (licenseId, accessToken) =>
      alone(licenseId, async (installation) =>
        installation.credentials.accessToken === accessToken ? renewNow(installation) : installation,
      ),
    updateBot: (licenseId, force = false) =>
      alone(licenseId, async (installation) => {
        if (force || !installation.botIsCurrent) await tieBot(installation);
      }),
  };
  return keeper;
}

function botOf({ licenseId, botId, credentials }: ReadableInstallation): Bot {
  return { licenseId, accessToken: credentials.accessToken, botId };
}

function usable(licenseId: number, installation: Installation | null): ReadableInstallation {
  if (!installation) {
    throw new PlatformError(notInstalled(licenseId), { retryable: false });
  }
  if (installation.needsReinstall)
    throw new PlatformError(needsReinstall(licenseId), { type: "needs_reinstall", retryable: false });
  if (!isReadable(installation)) throw new PlatformError(unreadable(licenseId), { retryable: true });
  return installation;
}

function isTokenRefused(error: unknown): boolean {
  return (
    error instanceof PlatformError &&
    (error.type === "authentication" || (error.type === null && error.status === 401))
  );
}

function isInvalidGrant(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "invalid_grant";
}
