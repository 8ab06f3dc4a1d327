import { z } from "zod";
import { refusal } from "./errors.ts";
import { type FilterSight, passesFilter, verifyFilter } from "./filter.ts";
import { createId } from "./ids.ts";
import { isVisibleTo, type Message } from "./messages.ts";
import type { Person } from "./people.ts";

const targetUrl = z.url({ protocol: /^https?$/ });

/** The body of POST /webhooks. */
export const hookBody = z.strictObject({
  name: z.string().min(1),
  targetUrl,
  // Lower-case and case sensitive.
  resource: z.enum(["all", "attachmentActions", "memberships", "messages", "rooms"]),
  event: z.enum(["all", "created", "updated", "deleted"]),
  filter: z.string().min(1).exactOptional(),
  secret: z.string().min(1).exactOptional(),
  ownedBy: z.literal("creator").exactOptional(),
});
export type NewWebhook = z.infer<typeof hookBody>;

/** The body of PUT /webhooks/:id: everything else is ignored without a word. */
export const hookChanges = z.object({
  name: z.string().min(1),
  targetUrl,
  secret: z.string().min(1).exactOptional(),
  status: z.literal("active").exactOptional(),
});
export type HookChanges = z.infer<typeof hookChanges>;

export type Webhook = Omit<NewWebhook, "ownedBy"> & {
  id: string;
  orgId: string;
  createdBy: string;
  appId: string;
  ownedBy: "creator";
  status: "active" | "inactive";
  created: string;
};

export type MessageEvent = "created" | "deleted";

export type Hooks = {
  /** Throws the refusal of a bad filter. */
  add(hook: NewWebhook): Webhook;
  find(id: string): Webhook | undefined;
  list(): Webhook[];
  change(hook: Webhook, changes: HookChanges): void;
  remove(id: string): void;
  listening(event: MessageEvent, message: Message): Webhook[];
  /** Cuts the hook off, as the platform does after too many failures. */
  disable(hook: Webhook): void;
  /** Counts a delivery that failed. */
  countFailure(hook: Webhook): void;
};

const failuresAllowed = 100;
const failureWindowMs = 5 * 60_000;

export function createHooks(bot: Person, sight: FilterSight, onChange: () => void): Hooks {
  const hooks = new Map<string, Webhook>();
  const failureTimes = new Map<string, number[]>();
  const cutOffAt = new Map<string, number>();
  const onProbation = new Set<string>();
  const appId = createId("APPLICATION");

  const store: Hooks = {
    add(hook) {
      if (hook.filter !== undefined) {
        if (hook.resource !== "messages") throw refusal(400, "Invalid filter for this resource.");
        verifyFilter(hook.filter, sight);
      }
      const { id: createdBy, orgId } = bot;
      const created = new Date().toISOString();
      const given = { id: createId("WEBHOOK"), ...hook };
      const added: Webhook = {
        ...given,
        orgId,
        createdBy,
        appId,
        ownedBy: "creator",
        status: "active",
        created,
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
    listening(event, message) {
      const isInSight = isVisibleTo(bot.id, message);
      return store.list().filter((hook) => {
        const isMeant = isOneOf(hook.resource, "messages") && isOneOf(hook.event, event);
        return isInSight && isMeant && hook.status === "active" && passesFilter(hook.filter, message, sight);
      });
    },
    disable(hook) {
      hook.status = "inactive";
      cutOffAt.set(hook.id, Date.now());
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

  /** Re-enabled within five minutes of the cut-off, a hook goes off again with its first failure. */
  function putOnProbation(hook: Webhook) {
    const cutOff = cutOffAt.get(hook.id) ?? Number.NEGATIVE_INFINITY;
    if (Date.now() - cutOff < failureWindowMs) onProbation.add(hook.id);
  }
}

function isOneOf(asked: string, given: string): boolean {
  return asked === "all" || asked === given;
}
