import type { Log } from "../../src/log.ts";
import type { ChatioClient } from "../../src/platforms/chatio/client.ts";
import {
  type ChatioInstallation,
  createChatioTokenCalls,
  LICENSES,
} from "../../src/platforms/chatio/installation.ts";
import { createOneAtATime, type OneAtATime } from "../../src/platforms/keyword-bot/account-lock.ts";
import { createTokenKeeper } from "../../src/platforms/keyword-bot/tokens.ts";
import type { Installation, Installations } from "../../src/store/store.ts";
import { chatioOptions, startChatio, type WatchedChatio } from "./chatio.ts";
import { anInstallation } from "./jobs.ts";
import { createLogSink } from "./log.ts";
import { openTestStore } from "./store.ts";

/** The names of the tokens that were handed out at first. */
export const OLD = {
  accessToken: "access-old",
  refreshToken: "refresh-old",
  webhookSecret: "webhook-secret-old",
};

type KeeperParts = { client: ChatioClient; installations: Installations; oneAtATime: OneAtATime; log: Log };

/** A token keeper as the server and the commands make it. */
export function createChatioKeeper({ client, ...parts }: KeeperParts) {
  const calls = createChatioTokenCalls(client, chatioOptions.webhookUrl);
  return createTokenKeeper({ ...parts, kind: LICENSES, calls });
}

/** A token keeper over a real store and the stand-in of chat.io, with one installation whose bot is bot-old. */
export async function createKeeperDesk(overrides: Partial<ChatioInstallation> = {}) {
  const client = await startChatio();
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
  const tokens = createChatioKeeper({ client, installations, oneAtATime, log: sink.log });
  const old = await client.install("old");
  await stored.save(anInstallation({ ...old, ...overrides }));

  return {
    client,
    sink,
    tokens,
    installations,
    oneAtATime,
    /** Lets the next saves of installations end so; null lets one through. */
    nextSaves: (...ends: (Error | null)[]) => void failingSaves.push(...ends),
    /** What is kept of license 1520, with names for tokens and bot agent. */
    kept: async () => named(client, await stored.find("1520")),
    /** A job's call, for which any call will do. */
    join: (account = "1520") =>
      tokens.use(account, (bot) => client.joinChat(bot, client.sandbox.openChat(1520))),
    /** Renews the tokens for whoever knows the old ones. */
    renewOld: () => tokens.renew("1520", old.credentials.accessToken),
    /** Somebody else installs the bot anew: an installation with tokens of this name, still to be saved. */
    installAnew: async (name: string) => anInstallation(await client.install(name)),
  };
}

function named({ nameOf }: WatchedChatio, installation: Installation | null) {
  if (installation === null) return null;
  const { botId, credentials } = installation;
  const names = Object.entries(credentials ?? {}).map(([kind, value]) => [kind, nameOf(value)]);
  return { ...installation, botId: nameOf(botId), credentials: credentials && Object.fromEntries(names) };
}
