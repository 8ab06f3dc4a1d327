import type { NewJob } from "../../src/job.ts";
import type { ChatioInstallation } from "../../src/platforms/chatio/installation.ts";
import { fingerprint } from "../../src/secrets.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { CLIENT_SECRET } from "./servers.ts";
import { BOT_ID, WEBHOOK_URL } from "./upstream/answers.ts";
import { tokenOf } from "./upstream/licenses.ts";

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
/** The server renews tokens at three quarters to four fifths of their lifetime. */
const OLDEST = 0.775;

/** So many ids of licenses. */
export function licensesFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => first + n);
}

/** Fills a database as its store does. */
export async function prefill(path: string, { licenses, jobsEach, areRenewed }: Prefill): Promise<void> {
  const { installations, inbox, close } = openSqliteStore({
    path,
    encryptionSecretsOf: () => [CLIENT_SECRET],
  });
  const age = (n: number) => (areRenewed ? Math.round((LIFETIME_MS * OLDEST * n) / licenses.length) : 0);
  try {
    await Promise.all(
      licenses.map((license, n) => installations.of("chatio").save(installationOf(license, age(n)))),
    );
    for (const license of licenses) {
      for (let first = 0; first < jobsEach; first += ACCEPTED_TOGETHER) {
        const count = Math.min(jobsEach - first, ACCEPTED_TOGETHER);
        await inbox.accept(Array.from({ length: count }, (_, n) => jobOf(license, first + n)));
      }
    }
  } finally {
    await close();
  }
}

function installationOf(license: number, ageMs: number): ChatioInstallation {
  const obtainedAt = Date.now() - ageMs;
  return {
    platform: "chatio",
    account: String(license),
    botId: BOT_ID,
    credentials: {
      accessToken: tokenOf(license),
      refreshToken: `refresh/${license}`,
      webhookSecret: secretOf(license),
    },
    lookup: fingerprint(secretOf(license)),
    details: {},
    obtainedAt,
    expiresAt: obtainedAt + LIFETIME_MS,
    botIsCurrent: true,
    needsReinstall: false,
    botIsGone: false,
    webhookUrl: WEBHOOK_URL,
  };
}

function secretOf(license: number): string {
  return `webhook-secret-of-license-${license}`;
}

/** The chat's id is none that the load gives. */
function jobOf(license: number, n: number): NewJob {
  const chatId = `waiting-${n}`;
  const quota = `chatio:${license}`;
  return {
    key: `${quota}:${chatId}:event-${n}`,
    platform: "chatio",
    lane: `${quota}:${chatId}`,
    quota,
    payload: { account: String(license), chatId, reply: "Pizza is on the way!" },
  };
}
