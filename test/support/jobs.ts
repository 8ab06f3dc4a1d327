import type { NewJob } from "../../src/job.ts";
import type { ReadableInstallation } from "../../src/store/store.ts";

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

/** An installation whose tokens have just been handed out. */
export function anInstallation(overrides: Partial<ReadableInstallation> = {}): ReadableInstallation {
  const now = Date.now();
  return {
    licenseId: 1520,
    botId: "bot-1520",
    credentials: {
      accessToken: "access-invented-1",
      refreshToken: "refresh-invented-1",
      webhookSecret: "webhook-secret-invented-1",
    },
    obtainedAt: now,
    expiresAt: now + 3_600_000,
    botIsCurrent: true,
    needsReinstall: false,
    botIsGone: false,
    webhookUrl: "https://bots.example/webhook",
    ...overrides,
  };
}
