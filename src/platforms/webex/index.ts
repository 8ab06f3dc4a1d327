import type { CallReport } from "../../http/http.ts";
import type { Log } from "../../log.ts";
import type { Ledger } from "../../reactions/balance.ts";
import type { Findings } from "../../store/store.ts";
import type { Platform } from "../platform.ts";
import { createWebexClient, type WebexClientOptions, type WebexPerson } from "./client.ts";
import { WEBEX } from "./description.ts";
import { jobsOf } from "./events.ts";
import { createHandle } from "./handle.ts";
import { createHookWatch } from "./hook-watch.ts";
import { createTokenWatch } from "./token-watch.ts";
import { verifySignature } from "./verify.ts";

export type WebexOptions = WebexClientOptions & {
  /** Where Webex is to send the bot's webhooks. */
  targetUrl: string;
  /** null: deliveries are not signed. */
  webhookSecret: string | null;
  /** Whether to switch on webhooks that Webex has switched off. */
  healWebhooks: boolean;
  /** Whether this server does what one does for all, and what was found out so. */
  leads: () => boolean;
  findings: Findings;
  allowedSenders: readonly string[] | null;
  /** Whether a balance asked for in a group room goes to the sender only. */
  replyPrivately: boolean;
  ledger: Ledger;
  log: Log;
};

const UNSIGNED = "WT_WEBHOOK_SECRET is not set: anyone who knows the URL can send deliveries to /wtwebhook.";
const UNSEEN = "Its webhooks have not been looked at yet.";
const OPEN_TO_ANYONE =
  "WT_ALLOWED_SENDERS is not set: anyone who finds globobot in Webex can ask for every balance.";

/** globobot: answers questions about account balances in Webex. */
export function createWebex(options: WebexOptions): Platform {
  const { webhookSecret, allowedSenders, log } = options;
  const token = createTokenWatch(log);
  const observe = (call: CallReport) => {
    token.note(call);
    options.observe?.(call);
  };
  const client = createWebexClient({ ...options, observe });
  const settings = { targetUrl: options.targetUrl, secret: webhookSecret };
  const hooks = createHookWatch({ ...options, client, settings, heal: options.healWebhooks });
  return {
    name: WEBEX.name,
    async open({ body, headers }) {
      if (webhookSecret !== null) verifySignature(body, headers, webhookSecret);
      return jobsOf(body);
    },
    handle: createHandle({ ...options, client, getMe: onceKept(client.getMe) }),
    problem: token.problem,
    warnings: hooks.warnings,
    unseen: () => (hooks.report().lookedAt === null ? UNSEEN : null),
    async start() {
      if (webhookSecret === null) log.warn(UNSIGNED);
      if (allowedSenders === null) log.warn(OPEN_TO_ANYONE);
      hooks.start();
    },
    lookAgain: hooks.lookAgain,
    stop: hooks.stop,
    hooks: hooks.report,
  };
}

/** Asks once and keeps the answer, but not a failure. Concurrent callers share one question. */
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
