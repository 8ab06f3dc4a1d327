import { PlatformError, sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Credentials, Installation, Installations, ReadableInstallation } from "../../store/store.ts";
import type { Bot, ChatioClient } from "./client.ts";
import { isReadable, needsReinstall, notInstalled, unreadable } from "./installation.ts";
import { isBotGone, isInvalidGrant } from "./refusals.ts";

export type UpkeepOptions = {
  client: ChatioClient;
  installations: Installations;
  /** Where the client tells bot agents to send their webhooks. */
  webhookUrl: string;
  log: Log;
};

/**
 * The changes of one installation, for whoever has the license to themselves. Each replaces what was read, and where that
 * has changed all the same it goes on with what is kept by then.
 */
export type Upkeep = {
  /** The installation, if calls can be made with it. Throws PlatformError. */
  usable(licenseId: number): Promise<ReadableInstallation>;
  /** The same for one that needs a reinstall, too. */
  readable(licenseId: number): Promise<ReadableInstallation>;
  /** Whether its tokens have been renewed, but are not on disk yet. */
  hasUnkept(licenseId: number): boolean;
  keepUnkept(licenseId: number): Promise<void>;
  /** Renews the tokens and ties the bot agent to them; what comes of it can be used. Throws PlatformError where it cannot. */
  renew(stale: ReadableInstallation): Promise<ReadableInstallation>;
  /** Ties the bot agent to the current token and address, or gives up where there is none any more. */
  tieBot(installation: ReadableInstallation): Promise<void>;
  /** Marks it as one that only a reinstall brings back to work. */
  giveUp(installation: ReadableInstallation, why: { botIsGone: boolean }): Promise<void>;
};

export function createUpkeep({ client, installations, webhookUrl, log }: UpkeepOptions): Upkeep {
  /**
   * Renewed, but not on disk yet since the database could not keep it, with the credentials that are used up by it.
   * Looked after one at a time, like all that changes an installation.
   */
  const unkept = new Map<number, { renewed: ReadableInstallation; usedUp: Credentials }>();

  /** False where somebody has installed or removed it since, which is the newer truth. */
  async function keep(renewed: ReadableInstallation, usedUp: Credentials): Promise<boolean> {
    unkept.set(renewed.licenseId, { renewed, usedUp });
    const isKept = await installations.replace(renewed, usedUp);
    unkept.delete(renewed.licenseId);
    return isKept;
  }

  async function readable(licenseId: number): Promise<ReadableInstallation> {
    return withTokens(licenseId, await installations.find(licenseId));
  }

  async function usable(licenseId: number): Promise<ReadableInstallation> {
    const installation = await installations.find(licenseId);
    if (installation?.needsReinstall) throw reinstallNeeded(installation);
    return withTokens(licenseId, installation);
  }

  async function renew(stale: ReadableInstallation): Promise<ReadableInstallation> {
    const { licenseId, credentials } = stale;
    const askedAt = Date.now();
    const answer = await client.refresh(licenseId, credentials.refreshToken).catch((error: unknown) => {
      if (isInvalidGrant(error)) return null;
      throw error;
    });
    if (answer === null) {
      await giveUp(stale, { botIsGone: false });
      return usable(licenseId);
    }
    const { accessToken, refreshToken, expiresInMs } = answer;
    const renewed = {
      ...stale,
      credentials: { ...credentials, accessToken, refreshToken },
      obtainedAt: askedAt,
      expiresAt: askedAt + expiresInMs,
      botIsCurrent: false,
      needsReinstall: false,
    };
    // The one loss that cannot be avoided: chat.io has used up the old refresh token, and until this commit the new one
    // is nowhere but in memory. A crash in between costs a reinstall.
    if (!(await keep(renewed, credentials))) {
      await takeBack(accessToken);
      return usable(licenseId);
    }
    log.info({ license: licenseId }, "The tokens were renewed.");
    await tieBot(renewed).catch((error: unknown) => {
      // Costs no job: the next round of renewals sees to it.
      log.warn({ license: licenseId }, `The bot agent could not be updated yet: ${sentenceOf(error)}`);
    });
    return usable(licenseId);
  }

  /** The license was installed anew or removed while its tokens were renewed; nobody will use these. */
  async function takeBack(accessToken: string): Promise<void> {
    await client.revoke(accessToken).catch((error: unknown) => {
      log.debug(`Tokens that are not needed any more could not be revoked: ${sentenceOf(error)}`);
    });
  }

  async function giveUp(stale: ReadableInstallation, { botIsGone }: { botIsGone: boolean }): Promise<void> {
    const marked = { ...stale, needsReinstall: true, botIsGone };
    // A refusal of what is no longer kept is no news.
    if (await installations.replace(marked, stale.credentials)) log.warn(needsReinstall(marked));
  }

  async function tieBot(installation: ReadableInstallation): Promise<void> {
    const { licenseId, credentials } = installation;
    try {
      await client.updateBotAgent(botOf(installation), credentials.webhookSecret);
    } catch (error) {
      if (!isBotGone(error)) throw error;
      return giveUp(installation, { botIsGone: true });
    }
    const tied = { ...installation, botIsCurrent: true, webhookUrl };
    if (!(await installations.replace(tied, credentials))) await tieAgain(licenseId);
  }

  /** The bot agent was tied to a token that is not kept any more, so that the next round has to see to it. */
  async function tieAgain(licenseId: number): Promise<void> {
    const stored = await installations.find(licenseId);
    if (stored && isReadable(stored))
      await installations.replace({ ...stored, botIsCurrent: false }, stored.credentials);
  }

  return {
    usable,
    readable,
    hasUnkept: (licenseId) => unkept.has(licenseId),
    async keepUnkept(licenseId) {
      const waiting = unkept.get(licenseId);
      if (waiting) await keep(waiting.renewed, waiting.usedUp);
    },
    renew,
    tieBot,
    giveUp,
  };
}

/** The license's bot, with the access token that is kept. */
export function botOf({ licenseId, botId, credentials }: ReadableInstallation): Bot {
  return { licenseId, accessToken: credentials.accessToken, botId };
}

function withTokens(licenseId: number, installation: Installation | null): ReadableInstallation {
  if (!installation) throw new PlatformError(notInstalled(licenseId), { retryable: false });
  if (!isReadable(installation)) throw new PlatformError(unreadable(licenseId), { retryable: true });
  return installation;
}

function reinstallNeeded(installation: Installation): PlatformError {
  return new PlatformError(needsReinstall(installation), { type: "needs_reinstall", retryable: false });
}

/** Whoever finds that out has warned of it. */
export function isReinstallNeeded(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "needs_reinstall";
}
