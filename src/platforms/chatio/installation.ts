import { z } from "zod";
import type { Installation } from "../../store/store.ts";

const credentials = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  /** What chat.io puts into each delivery to prove where it comes from. */
  webhookSecret: z.string(),
});

export type ChatioCredentials = Readonly<z.infer<typeof credentials>>;

export type ReadableInstallation = Installation & { readonly credentials: ChatioCredentials };

/** Whether its tokens can be read with the current secrets. */
export function isReadable(installation: Installation): installation is ReadableInstallation {
  return credentials.safeParse(installation.credentials).success;
}

export function notInstalled(account: string): string {
  return `The Pizza BOT is not installed on license ${account}.`;
}

/** Why an installation that is marked so needs a reinstall. */
export function needsReinstall({ account, botIsGone }: Installation): string {
  const why = botIsGone ? "its bot agent was removed at chat.io" : "chat.io no longer renews its tokens";
  return `License ${account} needs a reinstall: ${why}. Open /install to do so.`;
}

export function unreadable(account: string): string {
  return (
    `The tokens of license ${account} were encrypted with another CHATIO_CLIENT_SECRET or DATABASE_ENCRYPTION_KEY and cannot be read. ` +
    "Put the earlier one back and restart, or install the Pizza BOT again on that license."
  );
}

/** Why the bot cannot work on this license, as a sentence; null when nothing is known. */
export function problemOf(installation: Installation): string | null {
  if (installation.needsReinstall) return needsReinstall(installation);
  return isReadable(installation) ? null : unreadable(installation.account);
}

/** Whether the bot agent sends its webhooks elsewhere, since this server's address has changed. */
export function isElsewhere({ webhookUrl: told }: Installation, webhookUrl: string): boolean {
  return told !== "" && told !== webhookUrl;
}

export type Shortcomings = {
  /** Installations with a problem. */
  broken: number;
  /** Bot agents that send their webhooks elsewhere. */
  elsewhere: number;
};

/** What is wrong with the installations, a sentence each. Names no license. */
export function warningsAbout({ broken, elsewhere }: Shortcomings): string[] {
  return [
    ...(broken === 0 ? [] : [`Installations that only a reinstall brings back to work: ${broken}.`]),
    ...(elsewhere === 0
      ? []
      : [
          `Bot agents that send their webhooks to an earlier address: ${elsewhere}. Fix it with: npm run doctor -- --fix`,
        ]),
  ];
}
