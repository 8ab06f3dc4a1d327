import type { Installation, ReadableInstallation } from "../../store/store.ts";

/** Whether the installation's tokens can be read with the client secret there is now. */
export function isReadable(installation: Installation): installation is ReadableInstallation {
  return installation.credentials !== null;
}

export function notInstalled(licenseId: number): string {
  return `The Pizza BOT is not installed on license ${licenseId}.`;
}

/** Why an installation that is marked so needs a reinstall. */
export function needsReinstall({ licenseId, botIsGone }: Installation): string {
  const why = botIsGone
    ? "its bot agent was removed at chat.io"
    : "chat.io does not renew its tokens any more";
  return `License ${licenseId} needs a reinstall: ${why}. Open /install to do so.`;
}

export function unreadable(licenseId: number): string {
  return (
    `The tokens of license ${licenseId} were encrypted with another CHATIO_CLIENT_SECRET and cannot be read. ` +
    "Put the earlier secret back and restart, or install the Pizza BOT again on that license."
  );
}

/** What keeps the bot from working on this license, as a sentence; null when nothing is known to. */
export function problemOf(installation: Installation): string | null {
  if (installation.needsReinstall) return needsReinstall(installation);
  return isReadable(installation) ? null : unreadable(installation.licenseId);
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

/** What is not as it should be with the installations, a sentence each, naming no license. */
export function warningsAbout({ broken, elsewhere }: Shortcomings): string[] {
  return [
    ...(broken === 0 ? [] : [`Installations that only a reinstall brings back to work: ${broken}.`]),
    ...(elsewhere === 0
      ? []
      : [
          `Bot agents that send their webhooks to an earlier address: ${elsewhere}. Mend it with: npm run doctor -- --fix`,
        ]),
  ];
}
