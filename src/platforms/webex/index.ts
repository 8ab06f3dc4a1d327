import { PlatformError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Ledger } from "../../reactions/balance.ts";
import type { Platform } from "../platform.ts";
import { createWebexClient, type WebexClient, type WebexClientOptions, type WebexPerson } from "./client.ts";
import { jobsOf } from "./events.ts";
import { createHandle } from "./handle.ts";
import { verifySignature } from "./verify.ts";

export type WebexOptions = WebexClientOptions & {
  /** null: deliveries are not signed. */
  webhookSecret: string | null;
  allowedSenders: readonly string[] | null;
  ledger: Ledger;
  log: Log;
};

/** globobot: tells account balances in Webex. */
export function createWebex(options: WebexOptions): Platform {
  const { webhookSecret, ledger, allowedSenders, log } = options;
  const { client, isTokenRefused } = watchingToken(createWebexClient(options), log);
  return {
    name: "webex",
    async open({ body, headers }) {
      if (webhookSecret !== null) verifySignature(body, headers, webhookSecret);
      return jobsOf(body);
    },
    handle: createHandle({ client, getMe: onceKept(client.getMe), ledger, allowedSenders }),
    problem: () => (isTokenRefused() ? TOKEN_REFUSED : null),
    start: async () => {
      if (webhookSecret === null) log.warn(UNSIGNED);
      if (allowedSenders === null) log.warn(OPEN_TO_ANYONE);
    },
    stop: async () => {},
  };
}

const UNSIGNED =
  "WT_WEBHOOK_SECRET is not set: anyone who knows the address can make deliveries to /wtwebhook.";
const OPEN_TO_ANYONE =
  "WT_ALLOWED_SENDERS is not set: anyone who finds globobot in Webex can ask for every balance.";
const TOKEN_REFUSED =
  "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Put the bot's current token there.";

/** Remembers whether the last answer was that the token is wrong (401), and says so in the log when that changes. */
function watchingToken(
  client: WebexClient,
  log: Log,
): { client: WebexClient; isTokenRefused: () => boolean } {
  let refused = false;

  function note(now: boolean): void {
    if (now && !refused) log.error(TOKEN_REFUSED);
    if (!now && refused) log.info("Webex takes WT_API_TOKEN again.");
    refused = now;
  }

  async function watched<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer;
      note(false);
      return value;
    } catch (error) {
      // Any other refusal shows that the token was good enough to look at the call; a 429 or a fault shows nothing.
      if (error instanceof PlatformError && (error.status === 401 || isRefusal(error)))
        note(error.status === 401);
      throw error;
    }
  }

  return {
    isTokenRefused: () => refused,
    client: {
      getMe: () => watched(client.getMe()),
      getMessage: (id) => watched(client.getMessage(id)),
      createMessage: (reply) => watched(client.createMessage(reply)),
    },
  };
}

function isRefusal({ status, retryable }: PlatformError): boolean {
  return status !== null && status >= 400 && !retryable;
}

/** Asks once and keeps the answer; a failure is not kept. Who asks meanwhile waits for the same answer. */
function onceKept(ask: () => Promise<WebexPerson>): () => Promise<WebexPerson> {
  let kept: Promise<WebexPerson> | null = null;
  return () => {
    kept ??= ask().catch((error: unknown) => {
      kept = null;
      throw error;
    });
    return kept;
  };
}
