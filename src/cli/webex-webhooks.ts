import type { WebexConfig } from "../config/config.ts";
import { isFinal } from "../errors.ts";
import type { CallGate } from "../http/http.ts";
import { createWebexClient, type WebexClient, type Webhook } from "../platforms/webex/client.ts";
import { healHooks } from "../platforms/webex/heal.ts";
import { type HookChange, type HookSettings, isOurs, reconcile } from "../platforms/webex/hooks.ts";
import { visible } from "../visible.ts";
import type { WebhooksOf } from "./webhooks.ts";

/** The bot's webhooks at Webex: one for mentions in groups and one for 1:1 rooms, since a filter has no "or". */
export function createWebexWebhooks(
  webex: WebexConfig,
  gate: CallGate,
): WebhooksOf & { heal(): Promise<string[]> } {
  const client = createWebexClient({ apiUrl: webex.apiUrl, token: webex.token, gate });
  const settings = { targetUrl: webex.targetUrl, secret: webex.webhookSecret };
  return {
    targetUrl: webex.targetUrl,
    list: async () => (await client.listWebhooks()).map((hook) => rowOf(hook, settings)),
    async add(print) {
      for (const change of reconcile(await client.listWebhooks(), settings)) {
        await applyHookChange(change, client, settings);
        print(
          `${CHANGE_WORDS[change.do].padEnd(7)}  ${visible(change.hook.name)} (${visible(change.hook.filter ?? "no filter")}): ${change.why}`,
        );
      }
    },
    async remove(id) {
      try {
        await client.deleteWebhook(id);
        return true;
      } catch (error) {
        if (isFinal(error) && error.status === 404) return false;
        throw error;
      }
    },
    heal: () => healHooks(client, settings),
  };
}

/** What was done with a webhook, in one word. */
export const CHANGE_WORDS = {
  keep: "kept",
  update: "updated",
  create: "created",
  remove: "deleted",
} as const;

/** Carries out one change of a webhook. Throws PlatformError. */
export async function applyHookChange(
  change: HookChange,
  client: WebexClient,
  { targetUrl, secret }: HookSettings,
): Promise<void> {
  if (change.do === "create") await client.createWebhook(change.hook);
  if (change.do === "remove") await client.deleteWebhook(change.hook.id);
  if (change.do !== "update") return;
  const wanted = { name: change.name, targetUrl, status: "active" } as const;
  await client.updateWebhook(change.hook.id, secret === null ? wanted : { ...wanted, secret });
}

function rowOf(hook: Webhook, settings: HookSettings) {
  return {
    id: hook.id,
    name: hook.name,
    target: hook.targetUrl,
    what: `${hook.resource}/${hook.event}`,
    filter: hook.filter ?? "",
    status: statusOf(hook, settings),
    ours: isOurs(hook, settings) ? "yes" : "no",
  };
}

/** In the words of /status. */
function statusOf(hook: Webhook, settings: HookSettings): string {
  const isElsewhere = isOurs(hook, settings) && hook.targetUrl !== settings.targetUrl;
  const words = [hook.status === "active" ? [] : "switched off", isElsewhere ? "sends elsewhere" : []].flat();
  return words.length === 0 ? "active" : words.join(", ");
}
