import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { HookReport } from "../platform.ts";
import type { WebexClient, Webhook } from "./client.ts";
import { complaintsAbout, type HookSettings, isOurs } from "./hooks.ts";

const CHECK_EVERY_MS = 300_000;
/** Webex switches a hook off at its first failure if it was reactivated less than 5 minutes ago. */
const HEAL_EVERY_MS = 360_000;

export type HookWatchOptions = {
  client: WebexClient;
  settings: HookSettings;
  /** Whether to switch on by itself what Webex has switched off. */
  heal: boolean;
  log: Log;
};

export type HookWatch = {
  start(): void;
  /** Checks now, or again after the current check. */
  lookAgain(): void;
  stop(): Promise<void>;
  /** What the last check found, a sentence each. */
  warnings(): readonly string[];
  /** All webhooks, as of the last successful check. */
  report(): HookReport;
};

/** Checks the bot's webhooks at the start and every five minutes: Webex tells nobody when it switches one off. */
export function createHookWatch({ client, settings, heal, log }: HookWatchOptions): HookWatch {
  let warnings: readonly string[] = [];
  let report: HookReport = { lookedAt: null, hooks: [] };
  let healedAt = Number.NEGATIVE_INFINITY;
  const rounds = createRounds(CHECK_EVERY_MS, check);

  async function check(): Promise<void> {
    try {
      const hooks = await client.listWebhooks();
      report = { lookedAt: Date.now(), hooks: hooks.map((hook) => reportOf(hook, settings)) };
      const found = complaintsAbout(hooks, settings);
      for (const warning of found.filter((one) => !warnings.includes(one))) log.warn(warning);
      warnings = found;
      if (heal && performance.now() - healedAt >= HEAL_EVERY_MS) await healOurs();
    } catch (error) {
      log.warn(`The Webex webhooks could not be checked; next try in 5 minutes: ${sentenceOf(error)}`);
    }
  }

  async function healOurs(): Promise<void> {
    for (const hook of await healHooks(client, settings)) {
      healedAt = performance.now();
      log.info(`The webhook "${hook}" was switched on again.`);
    }
  }

  return {
    start: () => rounds.start(),
    lookAgain: rounds.again,
    stop: rounds.stop,
    warnings: () => warnings,
    report: () => report,
  };
}

/** Nothing else of the webhook: Webex may return its secret. */
function reportOf(hook: Webhook, settings: HookSettings): HookReport["hooks"][number] {
  const { name, targetUrl, status } = hook;
  return { name, targetUrl, isActive: status === "active", isOurs: isOurs(hook, settings) };
}

/** Switches on those of our webhooks that Webex has switched off. Returns their names. Throws PlatformError. */
export async function healHooks(client: WebexClient, settings: HookSettings): Promise<string[]> {
  const names: string[] = [];
  for (const hook of await client.listWebhooks()) {
    if (!isOurs(hook, settings) || hook.status === "active") continue;
    await client.updateWebhook(hook.id, { name: hook.name, targetUrl: hook.targetUrl, status: "active" });
    names.push(hook.name);
  }
  return names;
}
