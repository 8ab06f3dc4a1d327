import { z } from "zod";
import { sentenceOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createRounds } from "../../rounds.ts";
import type { Findings } from "../../store/store.ts";
import type { HookReport } from "../platform.ts";
import type { WebexClient, Webhook } from "./client.ts";
import { switchOn } from "./heal.ts";
import { complaintsAbout, type HookSettings, isOurs, switchedOff } from "./hooks.ts";

const CHECK_EVERY_MS = 300_000;
const READ_EVERY_MS = 10_000;
const FINDING = "Webex webhooks";
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
  /** Whether this server is to check; one checks for all, and the others read what it has found. */
  leads: () => boolean;
  findings: Findings;
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
export function createHookWatch(options: HookWatchOptions): HookWatch {
  const { client, settings, heal, leads, findings, log } = options;
  let warnings: readonly string[] = [];
  let report: HookReport = { lookedAt: null, hooks: [] };
  let healedAt = Number.NEGATIVE_INFINITY;
  const rounds = createRounds(CHECK_EVERY_MS, check);
  const readings = createRounds(READ_EVERY_MS, read);

  async function check(): Promise<void> {
    if (!leads()) return read();
    try {
      const hooks = await client.listWebhooks();
      note(
        { lookedAt: Date.now(), hooks: hooks.map((hook) => reportOf(hook, settings)) },
        complaintsAbout(hooks, settings),
      );
      await share();
      if (heal && performance.now() - healedAt >= HEAL_EVERY_MS) await healAll(switchedOff(hooks, settings));
    } catch (error) {
      log.warn(`The Webex webhooks could not be checked; next try in 5 minutes: ${sentenceOf(error)}`);
    }
  }

  /** A database that cannot be written is no failure of this check. */
  async function share(): Promise<void> {
    await findings.write(FINDING, { ...report, warnings }).catch((error: unknown) => {
      log.debug(`What was found out about the webhooks could not be kept: ${sentenceOf(error)}`);
    });
  }

  /** What the server that checks has found. */
  async function read(): Promise<void> {
    if (leads()) return;
    try {
      const found = finding.safeParse(await findings.read(FINDING)).data;
      if (found) note({ lookedAt: found.lookedAt, hooks: found.hooks }, found.warnings);
    } catch (error) {
      log.debug(
        `What another server has found out about the webhooks could not be read: ${sentenceOf(error)}`,
      );
    }
  }

  function note(newReport: HookReport, found: readonly string[]): void {
    report = newReport;
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
    start() {
      rounds.start();
      readings.start(READ_EVERY_MS);
    },
    lookAgain: rounds.again,
    async stop() {
      await Promise.all([rounds.stop(), readings.stop()]);
    },
    warnings: () => warnings,
    report: () => report,
  };
}

const finding = z.object({
  lookedAt: z.number(),
  hooks: z.array(
    z.object({
      name: z.string(),
      targetUrl: z.string(),
      isActive: z.boolean(),
      isOurs: z.boolean(),
      isElsewhere: z.boolean(),
    }),
  ),
  warnings: z.array(z.string()),
});

/** Only these fields: Webex may return the webhook's secret, too. */
function reportOf(hook: Webhook, settings: HookSettings): HookReport["hooks"][number] {
  const { name, targetUrl, status } = hook;
  const ours = isOurs(hook, settings);
  const isElsewhere = ours && targetUrl !== settings.targetUrl;
  return { name, targetUrl, isActive: status === "active", isOurs: ours, isElsewhere };
}
