import type { z } from "zod";
import type { PlatformName } from "../../job.ts";
import type { Credentials, Installation } from "../../store/store.ts";

/** The credentials that every platform of the keyword bot issues; it may have others. */
export type OAuthCredentials = Credentials & { readonly accessToken: string; readonly refreshToken: string };

/** An access token, and what renews it. */
export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Milliseconds until the access token expires. */
  readonly expiresInMs: number;
};

export type ReadableInstallation<Secrets extends OAuthCredentials = OAuthCredentials> = Omit<
  Installation,
  "credentials"
> & { readonly credentials: Secrets };

/** The names in the sentences about a platform's installations, and the shape of their credentials. */
export type InstallationKindOptions<Secrets extends OAuthCredentials> = {
  platform: PlatformName;
  /** "chat.io". */
  title: string;
  /** "Pizza BOT". */
  bot: string;
  /** What the bot is installed on: "license". */
  tenant: string;
  /** Where a reinstall begins: "/install". */
  startPath: string;
  /** The setting that the credentials are encrypted with: "CHATIO_CLIENT_SECRET". */
  secretSetting: string;
  credentials: z.ZodType<Secrets>;
  /** Why the bot was lost, for an installation that needs a reinstall; null: for the usual reason. */
  whyLost?: (installation: Pick<Installation, "botIsGone" | "details">) => string | null;
};

/** The installations of one platform: which can be read, and the sentences about them. */
export type InstallationKind<Secrets extends OAuthCredentials = OAuthCredentials> = {
  readonly platform: PlatformName;
  readonly bot: string;
  /** Where a reinstall begins. */
  readonly startPath: string;
  /** Whether its credentials can be read with the current secrets. */
  isReadable(installation: Installation): installation is ReadableInstallation<Secrets>;
  notInstalled(account: string): string;
  notAllowed(account: string): string;
  beingChanged(account: string): string;
  unreadable(account: string): string;
  /** Why an installation that is marked so needs a reinstall. */
  needsReinstall(installation: Pick<Installation, "account" | "botIsGone" | "details">): string;
  /** Why the bot cannot work on this account; null when nothing is known to be wrong. */
  problemOf(installation: Installation): string | null;
  installedOn(count: number): string;
  /** That the bot was last told to send its webhooks elsewhere. */
  elsewhere(installation: Installation, webhookUrl: string): string;
};

export function createInstallationKind<Secrets extends OAuthCredentials>(
  options: InstallationKindOptions<Secrets>,
): InstallationKind<Secrets> {
  const { platform, title, bot, tenant, startPath, secretSetting, credentials } = options;
  const Tenant = tenant.charAt(0).toUpperCase() + tenant.slice(1);

  const kind: InstallationKind<Secrets> = {
    platform,
    bot,
    startPath,
    isReadable: (installation): installation is ReadableInstallation<Secrets> =>
      credentials.safeParse(installation.credentials).success,
    notInstalled: (account) => `The ${bot} is not installed on ${tenant} ${account}.`,
    notAllowed: (account) => `${Tenant} ${account} may not use this server.`,
    beingChanged: (account) =>
      `${Tenant} ${account} is being changed by another process, the server or a command. Try again in a minute.`,
    unreadable: (account) =>
      `The tokens of ${tenant} ${account} were encrypted with another ${secretSetting} or DATABASE_ENCRYPTION_KEY and cannot be read. ` +
      `Put the earlier one back and restart, or install the ${bot} again on that ${tenant}.`,
    needsReinstall(installation) {
      const usual = installation.botIsGone
        ? `its bot was removed at ${title}`
        : `${title} no longer renews its tokens`;
      const why = options.whyLost?.(installation) ?? usual;
      return `${Tenant} ${installation.account} needs a reinstall: ${why}. Open ${startPath} to do so.`;
    },
    problemOf(installation) {
      if (installation.needsReinstall) return kind.needsReinstall(installation);
      return kind.isReadable(installation) ? null : kind.unreadable(installation.account);
    },
    installedOn: (count) => `The ${bot} is installed on ${count} ${count === 1 ? tenant : `${tenant}s`}.`,
    elsewhere: ({ account, webhookUrl: told }, webhookUrl) =>
      `The bot of ${tenant} ${account} sends its webhooks to ${told}, not to ${webhookUrl}. Fix it with: npm run doctor -- --fix`,
  };
  return kind;
}

/** Whether the bot was last told to send its webhooks elsewhere: this server's address has changed since. */
export function isElsewhere({ webhookUrl: told }: Installation, webhookUrl: string): boolean {
  return told !== "" && told !== webhookUrl;
}
