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

/** What is missing to manage them. */
export const NO_PAT =
  "LIVECHAT_PAT is not set: without it the webhooks at LiveChat can be managed in the text.com developer console only.";

/** Webhooks of the app at LiveChat, the same for all organizations. null: there is no personal access token. */
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
  return {
    id: hook.id,
    name: hook.description ?? "",
    target: hook.url,
    what: hook.action,
    filter: hook.filters ? JSON.stringify(hook.filters) : "",
    status: hook.type ?? "",
    ours: isOurs(hook, { webhookUrl }) ? "yes" : "no",
  };
}
