import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { HookReport } from "../platform.ts";
import type { WebexClient, Webhook } from "./client.ts";
import { switchOn } from "./heal.ts";
import { complaintsAbout, type HookSettings, isOurs, switchedOff } from "./hooks.ts";

const CHECK_EVERY_MS = 300_000;
/**
 * Webex switches a hook off at its first failure if it was reactivated less than 5 minutes ago, so healing waits longer. With
 * a check every 5 minutes that means every second check.
 */
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
      note(hooks);
      if (heal && performance.now() - healedAt >= HEAL_EVERY_MS) await healAll(switchedOff(hooks, settings));
    } catch (error) {
      log.warn(`The Webex webhooks could not be checked; next try in 5 minutes: ${sentenceOf(error)}`);
    }
  }

  function note(hooks: readonly Webhook[]): void {
    report = { lookedAt: Date.now(), hooks: hooks.map((hook) => reportOf(hook, settings)) };
    const found = complaintsAbout(hooks, settings);
    for (const warning of found.filter((one) => !warnings.includes(one))) log.warn(warning);
    warnings = found;
  }

  async function healAll(hooks: readonly Webhook[]): Promise<void> {
    for (const hook of hooks) await healOne(hook);
    // Otherwise warnings and report would call the hooks switched off until the next check.
    if (hooks.length > 0) rounds.again();
  }

  async function healOne(hook: Webhook): Promise<void> {
    // Before the call, because Webex may have done it even if the call seems to fail.
    healedAt = performance.now();
    try {
      await switchOn(client, hook);
      log.info(`The webhook "${hook.name}" was switched on again.`);
    } catch (error) {
      log.warn(
        `The webhook "${hook.name}" could not be switched on; next try in 10 minutes: ${sentenceOf(error)}`,
      );
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

/** Only these fields: Webex may return the webhook's secret, too. */
function reportOf(hook: Webhook, settings: HookSettings): HookReport["hooks"][number] {
  const { name, targetUrl, status } = hook;
  const ours = isOurs(hook, settings);
  const isElsewhere = ours && targetUrl !== settings.targetUrl;
  return { name, targetUrl, isActive: status === "active", isOurs: ours, isElsewhere };
}
