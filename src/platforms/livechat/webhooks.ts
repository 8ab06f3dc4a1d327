import { z } from "zod";
import type { CallGate, CallReport } from "../../http/http.ts";
import { createApi } from "./api.ts";

/** What the bot has to hear of: an event in a chat, and a chat that begins with one. */
const ACTIONS = ["incoming_chat", "incoming_event"] as const;
export type WebhookAction = (typeof ACTIONS)[number];

/** By which this server's webhooks are known again after it has moved. */
const DESCRIPTION = "Pizza BOT of chatops-server";
/** How many there may be of an action, for one app. */
const MOST_OF_ACTION = 3;
const TIMEOUT_MS = 15_000;

/** A webhook of the app, as LiveChat tells of it: without its secret. */
const webhook = z.object({
  id: z.string(),
  url: z.string(),
  action: z.string(),
  type: z.string().nullish(),
  description: z.string().nullish(),
  filters: z.unknown().optional(),
});
export type AppWebhook = z.infer<typeof webhook>;

export type WebhooksClientOptions = {
  clientId: string;
  apiUrl: string;
  apiVersion: string;
  /** The developer's, and never an installation's: webhooks are the app's. */
  personalAccessToken: { readonly accountId: string; readonly token: string };
  gate?: CallGate | undefined;
  observe?: (call: CallReport) => void;
};

/** The calls that manage the webhooks of the app, which are the same for all organizations. Each throws PlatformError. */
export function createWebhooksClient({ clientId, personalAccessToken, ...options }: WebhooksClientOptions) {
  const { call } = createApi({ ...options, platform: "LiveChat", timeoutMs: TIMEOUT_MS });
  const { accountId, token } = personalAccessToken;
  const credentials = Buffer.from(`${accountId}:${token}`).toString("base64");
  const developer = { account: null, region: null, authorization: `Basic ${credentials}` };
  const configure = (name: string, json: object) => ({
    ...developer,
    name,
    path: `/configuration/action/${name}`,
    json: { ...json, owner_client_id: clientId },
  });
  return {
    list: (): Promise<AppWebhook[]> => call({ ...configure("list_webhooks", {}), answer: z.array(webhook) }),

    /** Type "license": it is sent whether the bot is on line or not. */
    register: (action: WebhookAction, { webhookUrl: url, webhookSecret }: WebhookSettings): Promise<void> =>
      call(
        configure("register_webhook", {
          action,
          url,
          secret_key: webhookSecret,
          type: "license",
          description: DESCRIPTION,
        }),
      ),

    unregister: (id: string): Promise<void> => call(configure("unregister_webhook", { id })),
  };
}

export type WebhooksClient = ReturnType<typeof createWebhooksClient>;

/** What this server's webhooks must be like. */
export type WebhookSettings = { readonly webhookUrl: string; readonly webhookSecret: string };

/** Whether the webhook is this server's: it says so, or it leads here. */
export function isOurs(hook: AppWebhook, { webhookUrl }: Pick<WebhookSettings, "webhookUrl">): boolean {
  const isWanted = ACTIONS.some((action) => action === hook.action);
  return isWanted && (hook.description === DESCRIPTION || hook.url === webhookUrl);
}

export type WebhookStep =
  | { readonly do: "register"; readonly action: WebhookAction }
  | { readonly do: "unregister"; readonly hook: AppWebhook };

/**
 * The steps that leave one webhook of each action, leading here. Webhooks cannot be changed, and nobody can see whether
 * their secret is the current one, so each is replaced: the new one first, where there is room for it, so that no event is
 * lost in between. Other servers' webhooks are left alone.
 */
export function stepsToReplace(hooks: readonly AppWebhook[], settings: WebhookSettings): WebhookStep[] {
  return ACTIONS.flatMap((action): WebhookStep[] => {
    const ofAction = hooks.filter((hook) => hook.action === action);
    const removals = ofAction
      .filter((hook) => isOurs(hook, settings))
      .map((hook): WebhookStep => ({ do: "unregister", hook }));
    const registration: WebhookStep = { do: "register", action };
    return ofAction.length < MOST_OF_ACTION ? [registration, ...removals] : [...removals, registration];
  });
}

/** Does these steps, and tells of each that is done. Throws PlatformError. */
export async function replaceWebhooks(
  client: WebhooksClient,
  settings: WebhookSettings,
  done: (step: WebhookStep) => void,
): Promise<void> {
  for (const step of stepsToReplace(await client.list(), settings)) {
    await (step.do === "register" ? client.register(step.action, settings) : client.unregister(step.hook.id));
    done(step);
  }
}

/** What is wrong, as a sentence; `isElsewhere`: there is one, which leads to another address. */
export type WebhookFault = { readonly says: string; readonly isElsewhere: boolean };

/** What keeps chats from reaching this server. */
export function faultsOf(
  hooks: readonly AppWebhook[],
  { webhookUrl }: Pick<WebhookSettings, "webhookUrl">,
): WebhookFault[] {
  return ACTIONS.flatMap((action): WebhookFault[] => {
    const ofAction = hooks.filter((hook) => hook.action === action);
    if (ofAction.some(({ url }) => url === webhookUrl)) return [];
    const [other] = ofAction;
    if (!other) return [{ says: `No webhook is registered for ${action}.`, isElsewhere: false }];
    return [
      { says: `The webhook for ${action} points to ${other.url}, not to ${webhookUrl}.`, isElsewhere: true },
    ];
  });
}
