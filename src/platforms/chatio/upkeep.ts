import { PlatformError, sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Credentials, Installation, Installations } from "../../store/store.ts";
import type { Bot, ChatioClient } from "./client.ts";
import {
  isReadable,
  needsReinstall,
  notInstalled,
  type ReadableInstallation,
  unreadable,
} from "./installation.ts";
import { isBotGone, isInvalidGrant } from "./refusals.ts";

export type UpkeepOptions = {
  client: ChatioClient;
  installations: Installations;
  /** Where the client tells bot agents to send their webhooks. */
  webhookUrl: string;
  log: Log;
};

/**
 * Changes to one installation, for whoever holds the account's lock. Each replaces what it has read; where that has changed
 * in the meantime, it goes on with what is stored now.
 */
export type Upkeep = {
  /** The installation, if calls can be made with it. Throws PlatformError. */
  usable(account: string): Promise<ReadableInstallation>;
  /** Like `usable`, but also where a reinstall is needed. */
  readable(account: string): Promise<ReadableInstallation>;
  /** Whether its tokens have been renewed, but are not on disk yet. */
  hasUnkept(account: string): boolean;
  keepUnkept(account: string): Promise<void>;
  /** Renews the tokens and ties the bot agent to them; what comes of it can be used. Throws PlatformError where it cannot. */
  renew(stale: ReadableInstallation): Promise<ReadableInstallation>;
  /** Ties the bot agent to the current token and address, or gives up where there is none any more. */
  tieBot(installation: ReadableInstallation): Promise<void>;
  /** Marks it as needing a reinstall. */
  giveUp(installation: ReadableInstallation, why: { botIsGone: boolean }): Promise<void>;
};

export function createUpkeep({ client, installations, webhookUrl, log }: UpkeepOptions): Upkeep {
  /**
   * Renewed tokens that the database could not keep yet, with the credentials that the renewal has used up. Only touched
   * under the account's lock.
   */
  const unkept = new Map<string, { renewed: ReadableInstallation; usedUp: Credentials }>();

  /** False where somebody has installed or removed it since, which is the newer truth. */
  async function keep(renewed: ReadableInstallation, usedUp: Credentials): Promise<boolean> {
    unkept.set(renewed.account, { renewed, usedUp });
    const isKept = await installations.replace(renewed, usedUp);
    unkept.delete(renewed.account);
    return isKept;
  }

  async function readable(account: string): Promise<ReadableInstallation> {
    return withTokens(account, await installations.find(account));
  }

  async function usable(account: string): Promise<ReadableInstallation> {
    const installation = await installations.find(account);
    if (installation?.needsReinstall) throw reinstallNeeded(installation);
    return withTokens(account, installation);
  }

  async function renew(stale: ReadableInstallation): Promise<ReadableInstallation> {
    const { account, credentials } = stale;
    const askedAt = Date.now();
    const answer = await client.refresh(account, credentials.refreshToken).catch((error: unknown) => {
      if (isInvalidGrant(error)) return null;
      throw error;
    });
    if (answer === null) {
      await giveUp(stale, { botIsGone: false });
      return usable(account);
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
      return usable(account);
    }
    log.info({ account }, "The tokens were renewed.");
    await tieBot(renewed).catch((error: unknown) => {
      // Costs no job: the next round of renewals sees to it.
      log.warn({ account }, `The bot agent could not be updated yet: ${sentenceOf(error)}`);
    });
    return usable(account);
  }

  /** The bot was installed anew or removed while its tokens were renewed; nobody will use these. */
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
    const { account, credentials } = installation;
    try {
      await client.updateBotAgent(botOf(installation), credentials.webhookSecret);
    } catch (error) {
      if (!isBotGone(error)) throw error;
      return giveUp(installation, { botIsGone: true });
    }
    const tied = { ...installation, botIsCurrent: true, webhookUrl };
    if (!(await installations.replace(tied, credentials))) await tieAgain(account);
  }

  /** The bot agent was tied to a token that is not kept any more, so that the next round has to see to it. */
  async function tieAgain(account: string): Promise<void> {
    const stored = await installations.find(account);
    if (stored && isReadable(stored))
      await installations.replace({ ...stored, botIsCurrent: false }, stored.credentials);
  }

  return {
    usable,
    readable,
    hasUnkept: (account) => unkept.has(account),
    async keepUnkept(account) {
      const waiting = unkept.get(account);
      if (waiting) await keep(waiting.renewed, waiting.usedUp);
    },
    renew,
    tieBot,
    giveUp,
  };
}

/** The account's bot, with the access token that is kept. */
export function botOf({ account, botId, credentials }: ReadableInstallation): Bot {
  return { account, accessToken: credentials.accessToken, botId };
}

function withTokens(account: string, installation: Installation | null): ReadableInstallation {
  if (!installation) throw new PlatformError(notInstalled(account), { retryable: false });
  if (!isReadable(installation)) throw new PlatformError(unreadable(account), { retryable: true });
  return installation;
}

function reinstallNeeded(installation: Installation): PlatformError {
  return new PlatformError(needsReinstall(installation), { type: "needs_reinstall", retryable: false });
}

/** Whether only a reinstall helps. Whoever found that out has logged it. */
export function isReinstallNeeded(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "needs_reinstall";
}
