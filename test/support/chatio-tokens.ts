import type { ChatioInstallation } from "../../src/platforms/chatio/installation.ts";
import { createChatioTokens } from "../../src/platforms/chatio/tokens.ts";
import { createOneAtATime } from "../../src/platforms/keyword-bot/account-lock.ts";
import type { Installations } from "../../src/store/store.ts";
import { chatioOptions, createFakeChatio } from "./chatio.ts";
import { anInstallation } from "./jobs.ts";
import { createLogSink } from "./log.ts";
import { openTestStore } from "./store.ts";

/** Tokens as they were handed out at first. */
export const OLD = {
  accessToken: "access-old",
  refreshToken: "refresh-old",
  webhookSecret: "webhook-secret-old",
};

/** A token keeper over a real store, with one installation whose bot is bot-1. */
export async function createKeeperDesk(overrides: Partial<ChatioInstallation> = {}) {
  const client = createFakeChatio();
  const sink = createLogSink();
  const stored = openTestStore().installations.of("chatio");
  const failingSaves: (Error | null)[] = [];
  const installations: Installations = {
    ...stored,
    async save(installation) {
      const failure = failingSaves.shift();
      if (failure) throw failure;
      await stored.save(installation);
    },
    async replace(installation, expected) {
      const failure = failingSaves.shift();
      if (failure) throw failure;
      return stored.replace(installation, expected);
    },
  };
  const oneAtATime = createOneAtATime();
  const { webhookUrl } = chatioOptions;
  const tokens = createChatioTokens({ client, installations, oneAtATime, webhookUrl, log: sink.log });
  await stored.save(anInstallation({ account: "1520", botId: "bot-1", credentials: OLD, ...overrides }));

  return {
    client,
    sink,
    tokens,
    installations,
    oneAtATime,
    /** Lets the next saves of installations end so; null lets one through. */
    nextSaves: (...ends: (Error | null)[]) => void failingSaves.push(...ends),
    /** What is kept of license 1520. */
    kept: () => stored.find("1520"),
    /** A job's call, for which any call will do. */
    join: (account = "1520") => tokens.use(account, (bot) => client.joinChat(bot, "chat-1")),
  };
}
