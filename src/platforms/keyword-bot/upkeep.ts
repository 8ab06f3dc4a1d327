import { PlatformError, sentenceOf } from "../../errors.ts";
import type { JsonObject } from "../../job.ts";
import type { Log } from "../../log.ts";
import type { Installation, Installations } from "../../store/store.ts";
import type { InstallationKind, OAuthCredentials, ReadableInstallation, Tokens } from "./installation.ts";

/** A platform's calls that keep an installation alive, and what their failures mean. Each call throws PlatformError. */
export type UpkeepCalls<Secrets extends OAuthCredentials> = {
  /** New tokens; the refresh token may be used up by it. */
  refresh(account: string, refreshToken: string): Promise<Tokens>;
  /** Revokes the token, and the refresh token that was issued with it. */
  revoke(accessToken: string): Promise<void>;
  /** Brings the bot up to date with the installation's tokens; returns the installation with what has changed by that. */
  updateBot(installation: ReadableInstallation<Secrets>): Promise<ReadableInstallation<Secrets>>;
  /** Whether the refresh token is refused for good: used up, revoked or expired. */
  isRefreshRefused(error: unknown): boolean;
  /** Whether the bot does not exist there any more. */
  isBotGone(error: unknown): boolean;
};

/** Why only a reinstall helps; `details`: what the platform wants to remember of it. */
export type Loss = { readonly botIsGone: boolean; readonly details?: JsonObject };

export type Change<Secrets extends OAuthCredentials> = (
  stored: ReadableInstallation<Secrets>,
) => ReadableInstallation<Secrets>;

export type UpkeepOptions<Secrets extends OAuthCredentials> = {
  kind: InstallationKind<Secrets>;
  calls: UpkeepCalls<Secrets>;
  installations: Installations;
  log: Log;
};

/**
 * Changes to one installation, for whoever has the account's lock. A change is saved only if nobody has changed the
 * credentials meanwhile. Otherwise we continue with the stored ones.
 */
export type Upkeep<Secrets extends OAuthCredentials> = {
  /** The installation, if calls can be made with it. Throws PlatformError. */
  usable(account: string): Promise<ReadableInstallation<Secrets>>;
  /** Like `usable`, but also when it needs a reinstall. */
  readable(account: string): Promise<ReadableInstallation<Secrets>>;
  /** Whether its tokens have been renewed but are not on disk yet. */
  hasUnkept(account: string): boolean;
  keepUnkept(account: string): Promise<void>;
  /** Renews the tokens and updates the bot; returns an installation that can be used. Throws PlatformError if there is none. */
  renew(stale: ReadableInstallation<Secrets>): Promise<ReadableInstallation<Secrets>>;
  /** Brings the bot up to date with the current tokens, or gives up if it is gone. */
  updateBot(installation: ReadableInstallation<Secrets>): Promise<void>;
  /** Marks the installation as needing a reinstall. */
  giveUp(installation: ReadableInstallation<Secrets>, loss: Loss): Promise<void>;
  /** Replaces what is stored by what the change makes of it. */
  apply(account: string, change: Change<Secrets>): Promise<void>;
};

export function createUpkeep<Secrets extends OAuthCredentials>({
  kind,
  calls,
  installations,
  log,
}: UpkeepOptions<Secrets>): Upkeep<Secrets> {
  type Readable = ReadableInstallation<Secrets>;
  /**
   * Renewed tokens that the database could not keep yet, with the credentials that the renewal has used up. Touched only
   * under the account's lock.
   */
  const unkept = new Map<string, { renewed: Readable; usedUp: Secrets }>();

  /** False if somebody has installed or removed it since, which is the newer truth. */
  async function keep(renewed: Readable, usedUp: Secrets): Promise<boolean> {
    unkept.set(renewed.account, { renewed, usedUp });
    const isKept = await installations.replace(renewed, usedUp);
    unkept.delete(renewed.account);
    return isKept;
  }

  async function readable(account: string): Promise<Readable> {
    return withTokens(account, await installations.find(account));
  }

  async function usable(account: string): Promise<Readable> {
    const installation = await installations.find(account);
    if (installation?.needsReinstall) throw reinstallNeeded(kind.needsReinstall(installation));
    return withTokens(account, installation);
  }

  function withTokens(account: string, installation: Installation | null): Readable {
    if (!installation)
      throw new PlatformError(kind.notInstalled(account), { wasAsked: false, retryable: false });
    if (!kind.isReadable(installation))
      throw new PlatformError(kind.unreadable(account), { wasAsked: false, retryable: true });
    return installation;
  }

  async function renew(stale: Readable): Promise<Readable> {
    const { account, credentials } = stale;
    const askedAt = Date.now();
    const tokens = await calls.refresh(account, credentials.refreshToken).catch((error: unknown) => {
      if (calls.isRefreshRefused(error)) return null;
      throw error;
    });
    if (tokens === null) {
      await giveUp(stale, { botIsGone: false });
      return usable(account);
    }
    const renewed = withNewTokens(stale, tokens, askedAt);
    // The one loss that cannot be avoided: the platform has used up the old refresh token, and until this commit the new
    // one exists only in memory. A crash in between costs a reinstall.
    if (!(await keep(renewed, credentials))) {
      await revokeUnused(tokens.accessToken);
      return usable(account);
    }
    log.info({ account }, "The tokens were renewed.");
    await updateBot(renewed).catch((error: unknown) => {
      // No job is lost by it: the next round of renewals tries again.
      log.warn({ account }, `The bot could not be updated yet: ${sentenceOf(error)}`);
    });
    return usable(account);
  }

  /** The bot was reinstalled or removed while its tokens were renewed: nobody will use these. */
  async function revokeUnused(accessToken: string): Promise<void> {
    await calls.revoke(accessToken).catch((error: unknown) => {
      log.debug(`Tokens that are no longer needed could not be revoked: ${sentenceOf(error)}`);
    });
  }

  async function giveUp(stale: Readable, { botIsGone, details = {} }: Loss): Promise<void> {
    const marked = { ...stale, needsReinstall: true, botIsGone, details: { ...stale.details, ...details } };
    // If other credentials are stored by now, the refusal says nothing about them.
    if (await installations.replace(marked, stale.credentials)) log.warn(kind.needsReinstall(marked));
  }

  async function updateBot(installation: Readable): Promise<void> {
    const updated = await calls.updateBot(installation).catch((error: unknown) => {
      if (calls.isBotGone(error)) return null;
      throw error;
    });
    if (updated === null) return giveUp(installation, { botIsGone: true });
    const current = { ...updated, botIsCurrent: true };
    if (!(await installations.replace(current, installation.credentials))) {
      await updateAgain(installation.account);
    }
  }

  /** The bot was updated with tokens that are no longer stored, so the next round has to update it. */
  async function updateAgain(account: string): Promise<void> {
    const stored = await installations.find(account);
    if (stored && kind.isReadable(stored))
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
    updateBot,
    giveUp,
    async apply(account, change) {
      const stored = await usable(account);
      await installations.replace(change(stored), stored.credentials);
    },
  };
}

function withNewTokens<Secrets extends OAuthCredentials>(
  stale: ReadableInstallation<Secrets>,
  { accessToken, refreshToken, expiresInMs }: Tokens,
  askedAt: number,
): ReadableInstallation<Secrets> {
  return {
    ...stale,
    credentials: { ...stale.credentials, accessToken, refreshToken },
    obtainedAt: askedAt,
    expiresAt: askedAt + expiresInMs,
    botIsCurrent: false,
    needsReinstall: false,
  };
}

function reinstallNeeded(message: string): PlatformError {
  return new PlatformError(message, { type: "needs_reinstall", wasAsked: false, retryable: false });
}

/** Whether only a reinstall helps. Whoever found that out has logged it. */
export function isReinstallNeeded(error: unknown): boolean {
  return error instanceof PlatformError && error.type === "needs_reinstall";
}
