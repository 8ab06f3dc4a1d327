import { randomUUID } from "node:crypto";
import { Router } from "express";
import { z } from "zod";
import type { Answer, Endpoint, Incoming } from "../endpoint.ts";
import type { Callers } from "./callers.ts";
import type { Organization } from "./organizations.ts";
import { apiRefusal, parseBody } from "./wire.ts";

export const webhookAction = z.enum(["incoming_chat", "incoming_event"]);
export type WebhookAction = z.infer<typeof webhookAction>;

/** Who caused an event: this app, anybody else, or nobody. */
export const sourceType = z.enum(["my_client", "other_clients", "system"]);
export type SourceType = z.infer<typeof sourceType>;

// The filters, actions and fields that are documented but have no effect here are refused: accepting them and delivering
// regardless would be a lie.
const filters = z.strictObject({
  source_type: z.array(sourceType).min(1).optional(),
  author_type: z.enum(["customer", "agent"]).optional(),
});
export const newWebhook = z
  .strictObject({
    action: webhookAction,
    url: z.url({ protocol: /^https?$/ }).max(500),
    secret_key: z.string().min(1),
    type: z.enum(["license", "bot"]),
    description: z.string().optional(),
    filters: filters.optional(),
  })
  .refine(({ action, filters }) => action === "incoming_event" || filters?.author_type === undefined, {
    error: "author_type is a filter of incoming_event only",
  });
export type NewWebhook = z.input<typeof newWebhook>;

/** A webhook of the app. It is registered once, for all organizations that install the app. */
export type Webhook = z.output<typeof newWebhook> & { id: string };

/** The app's webhooks. */
export type Webhooks = {
  /** Throws a refusal beyond the most per action. */
  add(webhook: z.output<typeof newWebhook>): Webhook;
  remove(webhookId: string): boolean;
  find(webhookId: string): Webhook | undefined;
  list(): Webhook[];
};

/** The most webhooks per action and app. */
const WEBHOOKS_PER_ACTION = 3;

export function createWebhooks(onChange: () => void): Webhooks {
  const webhooks = new Map<string, Webhook>();
  return {
    add(asked) {
      const same = [...webhooks.values()].filter(({ action }) => action === asked.action);
      if (same.length >= WEBHOOKS_PER_ACTION) {
        throw apiRefusal("limit_reached", `at most ${WEBHOOKS_PER_ACTION} webhooks for ${asked.action}`);
      }
      const webhook = { ...asked, id: randomUUID() };
      webhooks.set(webhook.id, webhook);
      onChange();
      return webhook;
    },
    remove(webhookId) {
      const isRemoved = webhooks.delete(webhookId);
      onChange();
      return isRemoved;
    },
    find: (webhookId) => webhooks.get(webhookId),
    list: () => [...webhooks.values()],
  };
}

// Not documented; assumed: switching off stops webhooks of both types, and an organization keeps it when it installs again.
export function areWebhooksEnabled({ isInstalled, areWebhooksDisabled }: Organization): boolean {
  return isInstalled && !areWebhooksDisabled;
}

const owned = z.looseObject({ owner_client_id: z.string() });
const ownerBody = z.strictObject({ owner_client_id: z.string() });
const unregisterBody = z.strictObject({ id: z.string(), owner_client_id: z.string() });
const stateBody = z.strictObject({});

/** The part of the Configuration API by which webhooks are registered, and switched on and off per organization. */
export function createWebhooksApi(context: {
  clientId: string;
  webhooks: Webhooks;
  callers: Callers;
  onChange: () => void;
  endpoint: Endpoint;
}): Router {
  const { clientId, webhooks, callers, onChange, endpoint } = context;

  // Not documented; assumed: whose personal access token may manage an app. Here it is this one app only.
  function requireOwner(ownerClientId: string): void {
    if (ownerClientId !== clientId) throw apiRefusal("authorization", "not the app's owner");
  }

  function register(incoming: Incoming): Answer {
    callers.developer(incoming, "webhooks.configuration:rw");
    const { owner_client_id, ...asked } = parseBody(incoming, owned);
    const webhook = parseBody({ ...incoming, text: JSON.stringify(asked) }, newWebhook);
    requireOwner(owner_client_id);
    return { status: 200, json: { id: webhooks.add(webhook).id } };
  }

  function list(incoming: Incoming): Answer {
    callers.developer(incoming, "webhooks.configuration:ro");
    requireOwner(parseBody(incoming, ownerBody).owner_client_id);
    const listed = webhooks.list().map(({ secret_key, description = "", filters = {}, ...webhook }) => {
      return { ...webhook, description, filters, owner_client_id: clientId };
    });
    return { status: 200, json: listed };
  }

  function unregister(incoming: Incoming): Answer {
    callers.developer(incoming, "webhooks.configuration:rw");
    const { id, owner_client_id } = parseBody(incoming, unregisterBody);
    requireOwner(owner_client_id);
    if (!webhooks.remove(id)) throw apiRefusal("not_found", `no webhook ${id}`);
    return { status: 200, json: {} };
  }

  function answerState(incoming: Incoming): Answer {
    const organization = callers.app(incoming, "webhooks.state:ro");
    parseBody(incoming, stateBody);
    return { status: 200, json: { license_webhooks_enabled: areWebhooksEnabled(organization) } };
  }

  const disable = (isDisabled: boolean) => (incoming: Incoming) => {
    const organization = callers.app(incoming, "webhooks.state:rw");
    parseBody(incoming, stateBody);
    organization.areWebhooksDisabled = isDisabled;
    onChange();
    return { status: 200, json: {} };
  };

  const works = Object.entries({
    register_webhook: register,
    list_webhooks: list,
    unregister_webhook: unregister,
    get_license_webhooks_state: answerState,
    enable_license_webhooks: disable(false),
    disable_license_webhooks: disable(true),
  });
  const router = Router();
  for (const [name, work] of works) {
    router.post(`/:version/configuration/action/${name}`, endpoint(name, work));
  }
  return router;
}
