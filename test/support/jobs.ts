import type { NewJob } from "../../src/job.ts";
import type { ChatioInstallation } from "../../src/platforms/chatio/installation.ts";
import { fingerprint } from "../../src/secrets.ts";
import type { JobRecord } from "../../src/store/store.ts";

let made = 0;

/** A job of its own key and lane, unless told otherwise. */
export function aJob(overrides: Partial<NewJob> = {}): NewJob {
  made += 1;
  return {
    platform: "webex",
    key: `webex:message-${made}`,
    lane: `webex:room-${made}`,
    quota: "webex",
    payload: { messageId: `message-${made}` },
    ...overrides,
  };
}

/** A job of chat.io that waits, as an operator sees it at `now` (ms since 1970). */
export function aWaitingRecord(now: number, overrides: Partial<JobRecord> = {}): JobRecord {
  return {
    ...aJob({ platform: "chatio", quota: "chatio:1" }),
    ...{
      attempts: 1,
      acceptedAt: now - 5000,
      progress: {},
      state: "waiting",
      position: "1",
      nextAttemptAt: now,
    },
    ...{ putBackAt: null, settledAt: null, outcome: null, lastError: null, isBehind: false },
    ...{ server: null, history: [] },
    ...overrides,
  };
}

const CREDENTIALS = {
  accessToken: "access-invented-1",
  refreshToken: "refresh-invented-1",
  webhookSecret: "webhook-secret-invented-1",
};

/** An installation on chat.io whose tokens have just been handed out. */
export function anInstallation(overrides: Partial<ChatioInstallation> = {}): ChatioInstallation {
  const now = Date.now();
  const { credentials = CREDENTIALS } = overrides;
  return {
    platform: "chatio",
    account: "1520",
    botId: "bot-1520",
    credentials,
    lookup: fingerprint(credentials.webhookSecret),
    details: {},
    obtainedAt: now,
    expiresAt: now + 3_600_000,
    botIsCurrent: true,
    needsReinstall: false,
    botIsGone: false,
    webhookUrl: "https://bots.example/webhook",
    ...overrides,
  };
}
