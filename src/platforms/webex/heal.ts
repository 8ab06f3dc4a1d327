import type { WebexClient, Webhook } from "./client.ts";
import { type HookSettings, switchedOff } from "./hooks.ts";

/** Switches on those of our webhooks that Webex has switched off. Returns their names. Throws PlatformError. */
export async function healHooks(client: WebexClient, settings: HookSettings): Promise<string[]> {
  const off = switchedOff(await client.listWebhooks(), settings);
  for (const hook of off) await switchOn(client, hook);
  return off.map(({ name }) => name);
}

/** Switches a webhook on. Throws PlatformError. */
export function switchOn(client: WebexClient, { id, name, targetUrl }: Webhook): Promise<void> {
  return client.updateWebhook(id, { name, targetUrl, status: "active" });
}
