import type { NewJob } from "../../src/job.ts";
import type { ChatioInstallation } from "../../src/platforms/chatio/installation.ts";
import type { LivechatInstallation } from "../../src/platforms/livechat/installation.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { Store } from "../../src/store/store.ts";
import { anInstallation } from "../support/jobs.ts";
import { APP, type Installed, WEBHOOK_URL } from "./upstream/facts.ts";
import type { Upstream } from "./upstream/index.ts";

export type Prefill = {
  /** On which the bot is installed. */
  licenses: readonly number[];
  /** Due jobs of each, in a chat of their own. */
  jobsEach: number;
  /** Whether tokens are of all ages, as where licenses were installed at any time: then some are renewed all the time. */
  areRenewed: boolean;
};

const ACCEPTED_TOGETHER = 1000;
/** As the stand-in says of those it hands out. */
const LIFETIME_MS = 3_920_000;
const LIVECHAT_LIFETIME_MS = 8 * 3_600_000;
/** The server renews tokens at three quarters to four fifths of their lifetime. */
const OLDEST = 0.775;

/** So many ids of licenses. */
export function licensesFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => first + n);
}

/** Fills a database as its store does; returns the installations in it. */
export async function prefill(
  path: string,
  upstream: Upstream,
  { licenses, jobsEach, areRenewed }: Prefill,
): Promise<Installed[]> {
  const { installations, inbox, close } = openSqliteStore({
    path,
    encryptionSecretsOf: () => [APP.clientSecret],
  });
  const age = (n: number) => (areRenewed ? Math.round((LIFETIME_MS * OLDEST * n) / licenses.length) : 0);
  try {
    const installed = await upstream.install(licenses);
    await save(installations, installed, age);
    for (const license of licenses) {
      const chats = jobsEach === 0 ? [] : await upstream.openChats(license, jobsEach);
      for (let first = 0; first < jobsEach; first += ACCEPTED_TOGETHER) {
        await inbox.accept(chats.slice(first, first + ACCEPTED_TOGETHER).map((chat) => jobOf(license, chat)));
      }
    }
    return installed;
  } finally {
    await close();
  }
}

/** Puts the bots into a store, each with tokens so many milliseconds old. */
export async function save(
  installations: Store["installations"],
  installed: readonly Installed[],
  age: (n: number) => number = () => 0,
): Promise<void> {
  await Promise.all(installed.map((one, n) => installations.of("chatio").save(installationOf(one, age(n)))));
}

/** The Pizza BOT at LiveChat, with tokens that are not renewed before the benchmark has ended. */
export async function installAtLivechat(path: string, upstream: Upstream): Promise<void> {
  const { account, botId, ...credentials } = await upstream.installAtLivechat();
  const { installations, close } = openSqliteStore({
    path,
    encryptionSecretsOf: () => [APP.clientSecret],
  });
  const now = Date.now();
  const installation: LivechatInstallation = {
    platform: "livechat",
    account,
    botId,
    credentials,
    lookup: null,
    details: { region: null, botTokenIssuedAt: now },
    obtainedAt: now,
    expiresAt: now + LIVECHAT_LIFETIME_MS,
    botIsCurrent: true,
    needsReinstall: false,
    botIsGone: false,
    webhookUrl: "",
  };
  try {
    await installations.of("livechat").save(installation);
  } finally {
    await close();
  }
}

function installationOf({ account, botId, ...credentials }: Installed, ageMs: number): ChatioInstallation {
  const obtainedAt = Date.now() - ageMs;
  const times = { obtainedAt, expiresAt: obtainedAt + LIFETIME_MS };
  return anInstallation({ account, botId, credentials, webhookUrl: WEBHOOK_URL, ...times });
}

function jobOf(licenseId: number, chatId: string): NewJob {
  const quota = `chatio:${licenseId}`;
  return {
    key: `${quota}:${chatId}:event-1`,
    platform: "chatio",
    lane: `${quota}:${chatId}`,
    quota,
    payload: {
      account: String(licenseId),
      chatId,
      replies: [{ text: "Pizza is on the way!", to: "agents" }],
    },
  };
}
