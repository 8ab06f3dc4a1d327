import type { LivechatConfig } from "../config/config.ts";
import type { CallGate } from "../http/http.ts";
import {
  type AppWebhook,
  createWebhooksClient,
  isOurs,
  replaceWebhooks,
} from "../platforms/livechat/webhooks.ts";
import { visible } from "../visible.ts";
import type { WebhooksOf } from "./webhooks.ts";

/** Why the webhooks cannot be managed. */
export const NO_PAT =
  "LIVECHAT_PAT is not set. Without it, the webhooks at LiveChat can be managed only in the text.com developer console.";

/** The app's webhooks at LiveChat, which serve all organizations; null: LIVECHAT_PAT is not set. */
export function createLivechatWebhooks(livechat: LivechatConfig, gate: CallGate): WebhooksOf | null {
  const { personalAccessToken, webhookUrl } = livechat;
  if (personalAccessToken === null) return null;
  const client = createWebhooksClient({ ...livechat, personalAccessToken, gate });
  return {
    targetUrl: webhookUrl,
    list: async () => (await client.list()).map((hook) => rowOf(hook, webhookUrl)),
    add: (print) =>
      replaceWebhooks(client, livechat, (step) =>
        print(
          step.do === "register"
            ? `created  ${step.action}, to ${webhookUrl}`
            : `deleted  ${step.hook.action}, to ${visible(step.hook.url)}: it was replaced`,
        ),
      ),
    async remove(id) {
      const isThere = (await client.list()).some((hook) => hook.id === id);
      if (isThere) await client.unregister(id);
      return isThere;
    },
  };
}

function rowOf(hook: AppWebhook, webhookUrl: string) {
  const isMine = isOurs(hook, { webhookUrl });
  return {
    id: hook.id,
    name: hook.description ?? "",
    target: hook.url,
    what: hook.action,
    filter: hook.filters ? JSON.stringify(hook.filters) : "",
    status: isMine && hook.url !== webhookUrl ? "sends elsewhere" : (hook.type ?? ""),
    ours: isMine ? "yes" : "no",
  };
}
