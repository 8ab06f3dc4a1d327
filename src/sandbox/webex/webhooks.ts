import { Router } from "express";
import { z } from "zod";
import type { Answer, Endpoint, Incoming } from "../endpoint.ts";
import { isVisibleTo, type Message } from "./messages.ts";
import type { Person } from "./person.ts";
import { answerPage, createId, parseBody, refusal } from "./wire.ts";

const targetUrl = z.url({ protocol: /^https?$/ });

/** The body of POST /webhooks. */
export const hookBody = z.strictObject({
  name: z.string().min(1),
  targetUrl,
  // Case sensitive.
  resource: z.enum(["all", "attachmentActions", "memberships", "messages", "rooms"]),
  event: z.enum(["all", "created", "updated", "deleted"]),
  filter: z.string().min(1).exactOptional(),
  secret: z.string().min(1).exactOptional(),
  ownedBy: z.literal("creator").exactOptional(),
});
export type NewWebhook = z.infer<typeof hookBody>;

/** The body of PUT /webhooks/:id. Other fields are silently ignored. */
const hookChanges = z.object({
  name: z.string().min(1),
  targetUrl,
  secret: z.string().min(1).exactOptional(),
  status: z.literal("active").exactOptional(),
});
type HookChanges = z.infer<typeof hookChanges>;

export type Webhook = Omit<NewWebhook, "ownedBy"> & {
  id: string;
  orgId: string;
  createdBy: string;
  appId: string;
  ownedBy: "creator";
  status: "active" | "inactive";
  created: string;
};

export type Hooks = {
  /** Throws a refusal if the filter is bad. */
  add(hook: NewWebhook): Webhook;
  find(id: string): Webhook | undefined;
  list(): Webhook[];
  change(hook: Webhook, changes: HookChanges): void;
  remove(id: string): void;
  /** The hooks to be told of a new message. */
  listening(message: Message): Webhook[];
  /** Disables the hook, as the platform does after too many failures. */
  disable(hook: Webhook): void;
  countFailure(hook: Webhook): void;
};

const failuresAllowed = 100;
const failureWindowMs = 5 * 60_000;

export function createHooks(bot: Person, onChange: () => void): Hooks {
  const hooks = new Map<string, Webhook>();
  const failureTimes = new Map<string, number[]>();
  const disabledAt = new Map<string, number>();
  const onProbation = new Set<string>();
  const appId = createId("APPLICATION");

  const store: Hooks = {
    add(hook) {
      if (hook.filter !== undefined) {
        if (hook.resource !== "messages") throw refusal(400, "Invalid filter for this resource.");
        verifyFilter(hook.filter);
      }
      const added: Webhook = {
        id: createId("WEBHOOK"),
        ...hook,
        orgId: bot.orgId,
        createdBy: bot.id,
        appId,
        ownedBy: "creator",
        status: "active",
        created: new Date().toISOString(),
      };
      hooks.set(added.id, added);
      onChange();
      return added;
    },
    find: (id) => hooks.get(id),
    list: () => [...hooks.values()],
    change(hook, changes) {
      if (hook.status === "inactive" && changes.status === "active") putOnProbation(hook);
      Object.assign(hook, changes);
      onChange();
    },
    remove(id) {
      hooks.delete(id);
      onChange();
    },
    listening(message) {
      if (!isVisibleTo(bot.id, message)) return [];
      return store.list().filter(({ resource, event, status, filter }) => {
        const isMeant = isOneOf(resource, "messages") && isOneOf(event, "created");
        return isMeant && status === "active" && passesFilter(filter, message, bot.id);
      });
    },
    disable(hook) {
      hook.status = "inactive";
      disabledAt.set(hook.id, Date.now());
      failureTimes.delete(hook.id);
      onProbation.delete(hook.id);
      onChange();
    },
    countFailure(hook) {
      const now = Date.now();
      const recent = (failureTimes.get(hook.id) ?? []).filter((time) => time > now - failureWindowMs);
      failureTimes.set(hook.id, [...recent, now]);
      if (recent.length + 1 >= failuresAllowed || onProbation.has(hook.id)) store.disable(hook);
    },
  };
  return store;

  /** A hook enabled within five minutes of being disabled is disabled again by its first failure. */
  function putOnProbation(hook: Webhook) {
    const since = disabledAt.get(hook.id) ?? Number.NEGATIVE_INFINITY;
    if (Date.now() - since < failureWindowMs) onProbation.add(hook.id);
  }
}

function isOneOf(asked: string, given: string): boolean {
  return asked === "all" || asked === given;
}

// The filters that our bot does not use are left out, and so refused.
const filters = new Map<
  string,
  { isValid(value: string): boolean; matches(message: Message, value: string, botId: string): boolean }
>([
  [
    "roomType",
    {
      isValid: (value) => value === "direct" || value === "group",
      matches: ({ roomType }, value) => roomType === value,
    },
  ],
  [
    "mentionedPeople",
    {
      isValid: (value) => value === "me",
      matches: ({ mentionedPeople = [] }, _value, botId) => mentionedPeople.includes(botId),
    },
  ],
]);

/** Throws the refusal of a filter that is malformed or unknown. */
function verifyFilter(filter: string): void {
  for (const [key, value] of readFilter(filter)) {
    const isValid = filters.get(key)?.isValid(value) ?? false;
    if (!isValid) throw refusal(400, `Invalid value for filter: ${key}`);
  }
}

/** Whether a message matches all parts of a verified filter; without a filter every message does. */
function passesFilter(filter: string | undefined, message: Message, botId: string): boolean {
  if (filter === undefined) return true;
  return readFilter(filter).every(
    ([key, value]) => filters.get(key)?.matches(message, value, botId) ?? false,
  );
}

function readFilter(filter: string): [key: string, value: string][] {
  return filter.split("&").map((part) => {
    const [, key = "", value = ""] = /^([^=]*)=(.*)$/.exec(part) ?? [];
    return [key, value];
  });
}

/** The endpoints by which the bot lists, creates, changes and deletes its webhooks. */
export function createWebhooksApi({ hooks, endpoint }: { hooks: Hooks; endpoint: Endpoint }): Router {
  function requireHook({ params }: Incoming): Webhook {
    const hook = hooks.find(params.id ?? "");
    if (hook === undefined) throw refusal(404, "Could not find a webhook with provided ID.");
    return hook;
  }

  function create(incoming: Incoming): Answer {
    return { status: 200, json: hooks.add(parseBody(incoming, hookBody)) };
  }

  function change(incoming: Incoming): Answer {
    const hook = requireHook(incoming);
    hooks.change(hook, parseBody(incoming, hookChanges));
    return { status: 200, json: hook };
  }

  function remove(incoming: Incoming): Answer {
    hooks.remove(requireHook(incoming).id);
    return { status: 204 };
  }

  return Router()
    .get(
      "/webhooks",
      endpoint("GET /webhooks", ({ url }) => answerPage(hooks.list(), url)),
    )
    .post("/webhooks", endpoint("POST /webhooks", create))
    .put("/webhooks/:id", endpoint("PUT /webhooks/:id", change))
    .delete("/webhooks/:id", endpoint("DELETE /webhooks/:id", remove));
}
