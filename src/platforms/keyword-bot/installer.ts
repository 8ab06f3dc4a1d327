import { NotAllowed, sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Installation, Installations } from "../../store/store.ts";
import type { Installer } from "../platform.ts";
import type { OneAtATime } from "./account-lock.ts";
import type { InstallationKind, OAuthCredentials, ReadableInstallation, Tokens } from "./installation.ts";
import { createCounts } from "./overview.ts";

/** Undoes a step of an installation; `what` it does: "removing the bot". */
export type Undo = { readonly what: string; run(): Promise<void> };

/** The bot that was set up, as it is saved. */
export type ReadyBot<Secrets extends OAuthCredentials> = Pick<
  ReadableInstallation<Secrets>,
  "botId" | "credentials" | "lookup" | "details" | "webhookUrl"
>;

/** The steps of an installation that differ from platform to platform. Each throws PlatformError. */
export type InstallSteps<Secrets extends OAuthCredentials, Granted extends Tokens> = {
  /** `verifier`: the secret of PKCE (RFC 7636). */
  consentUrl(state: string, verifier: string): string;
  /** Exchanges a code, which is valid once, for tokens. `verifier`: the consent's; null: this server did not ask for consent. */
  exchange(code: string, verifier: string | null): Promise<Granted>;
  /** Whose account the tokens are for. */
  accountOf(tokens: Granted): Promise<string>;
  revoke(accessToken: string): Promise<void>;
  /**
   * Creates the bot, or updates the one of the earlier installation. Adds to `undos` how to undo a step as soon as there
   * may be something to undo.
   */
  setUpBot(access: {
    account: string;
    tokens: Granted;
    earlier: Installation | null;
    undos: Undo[];
  }): Promise<ReadyBot<Secrets>>;
};

export type InstallerOptions<Secrets extends OAuthCredentials, Granted extends Tokens> = {
  kind: InstallationKind<Secrets>;
  steps: InstallSteps<Secrets, Granted>;
  installations: Installations;
  oneAtATime: OneAtATime;
  /** Accounts that may install the bot; null: any. */
  allowedAccounts: readonly string[] | null;
  log: Log;
};

/**
 * Installs the bot: exchanges the code for tokens, finds their account, creates or updates the bot, and saves the
 * installation. If a step fails, the earlier ones are undone.
 */
export function createInstaller<Secrets extends OAuthCredentials, Granted extends Tokens>(
  options: InstallerOptions<Secrets, Granted>,
): Installer {
  const { kind, steps, installations, oneAtATime, allowedAccounts, log } = options;
  const counts = createCounts(installations);

  async function setUp(account: string, tokens: Granted, askedAt: number): Promise<void> {
    const earlier = await installations.find(account);
    await undoneOnFailure(async (undos) => {
      const bot = await steps.setUpBot({ account, tokens, earlier, undos });
      await installations.save({
        platform: kind.platform,
        account,
        ...bot,
        obtainedAt: askedAt,
        expiresAt: askedAt + tokens.expiresInMs,
        botIsCurrent: true,
        needsReinstall: false,
        botIsGone: false,
      });
    });
    log.info({ account, again: earlier !== null }, `The ${kind.bot} is installed.`);
  }

  async function undoneOnFailure<T>(work: (undos: Undo[]) => Promise<T>): Promise<T> {
    const undos: Undo[] = [];
    try {
      return await work(undos);
    } catch (failure) {
      for (const undo of undos.reverse()) await runUndo(undo);
      throw failure;
    }
  }

  async function runUndo({ what, run }: Undo): Promise<void> {
    try {
      await run();
    } catch (error) {
      log.warn(`The installation failed, and then ${what} failed: ${sentenceOf(error)}`);
    }
  }

  return {
    consentUrl: steps.consentUrl,
    countInstallations: counts.read,
    async install(code, verifier) {
      const askedAt = Date.now();
      const tokens = await steps.exchange(code, verifier);
      return undoneOnFailure(async (undos) => {
        undos.push({ what: "revoking its token", run: () => steps.revoke(tokens.accessToken) });
        const account = await steps.accountOf(tokens);
        if (allowedAccounts !== null && !allowedAccounts.includes(account))
          throw new NotAllowed(kind.notAllowed(account));
        await oneAtATime(account, () => setUp(account, tokens, askedAt));
        counts.forget();
        return { account };
      });
    },
  };
}
