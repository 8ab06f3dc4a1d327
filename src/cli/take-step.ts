import type { WebexClient } from "../platforms/webex/client.ts";
import type { HookSettings, Step } from "../platforms/webex/hooks.ts";

export const PAST = { keep: "kept", update: "updated", create: "created", remove: "deleted" } as const;

/** Does one step of putting the webhooks right. Throws PlatformError. */
export async function take(
  step: Step,
  client: WebexClient,
  { targetUrl, secret }: HookSettings,
): Promise<void> {
  if (step.do === "create") await client.createWebhook(step.hook);
  if (step.do === "remove") await client.deleteWebhook(step.hook.id);
  if (step.do !== "update") return;
  const change = { name: step.name, targetUrl, status: "active" } as const;
  await client.updateWebhook(step.hook.id, secret === null ? change : { ...change, secret });
}
