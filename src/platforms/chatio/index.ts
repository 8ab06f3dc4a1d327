import type { Log } from "../../log.ts";
import { reactToKeywords } from "../../reactions/keywords.ts";
import type { Installations } from "../../store/store.ts";
import { readJson } from "../body.ts";
import type { Installer, Platform } from "../platform.ts";
import { type ChatioClientOptions, createChatioClient } from "./client.ts";
import { jobsOf } from "./events.ts";
import { createHandle } from "./handle.ts";
import { problemOf } from "./installation.ts";
import { createInstaller } from "./oauth.ts";
import { createOneAtATime } from "./one-at-a-time.ts";
import { createRenewal } from "./renewal.ts";
import { createTokenKeeper } from "./tokens.ts";
import { verifySecret } from "./verify.ts";

export type ChatioOptions = ChatioClientOptions & {
  reactionMaxAgeMs: number;
  installations: Installations;
  log: Log;
};

/** The Pizza BOT: joins a chat in which somebody writes of pizza, tells the agents, and leaves. */
export function createChatio(options: ChatioOptions): { platform: Platform; installer: Installer } {
  const { installations, reactionMaxAgeMs, log } = options;
  const client = createChatioClient(options);
  const oneAtATime = createOneAtATime();
  const tokens = createTokenKeeper({ client, installations, oneAtATime, log });
  const renewal = createRenewal({ installations, tokens, log });
  const platform: Platform = {
    name: "chatio",
    async open({ body }) {
      const delivery = readJson(body);
      const installation = await verifySecret(delivery, installations);
      return jobsOf(delivery, installation, reactToKeywords);
    },
    handle: createHandle({ client, tokens, reactionMaxAgeMs }),
    problem: () => null,
    async start() {
      await reportInstallations(installations, log);
      renewal.start();
    },
    stop: renewal.stop,
  };
  return { platform, installer: createInstaller({ ...options, client, oneAtATime }) };
}

async function reportInstallations(installations: Installations, log: Log): Promise<void> {
  const all = await installations.list();
  log.info(`The Pizza BOT is installed on ${all.length} ${all.length === 1 ? "license" : "licenses"}.`);
  for (const problem of all.map(problemOf)) if (problem !== null) log.warn(problem);
}
