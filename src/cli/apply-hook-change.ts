import type { WebexClient } from "../platforms/webex/client.ts";
import type { HookChange, HookSettings } from "../platforms/webex/hooks.ts";

/** What was done with a hook, in a word. */
export const DONE = { keep: "kept", update: "updated", create: "created", remove: "deleted" } as const;

/** Brings one webhook into the wanted state. Throws PlatformError. */
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
