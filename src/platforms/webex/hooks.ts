import type { NewWebhook, Webhook } from "./client.ts";

/** What this server's webhooks must be like. */
export type HookSettings = {
  /** Where Webex is to send them. */
  targetUrl: string;
  /** null: unsigned. */
  secret: string | null;
};

/** Filters have no "or", so mentions in groups and 1:1 rooms need a hook each. The names identify them as ours. */
const WANTED: readonly Kind[] = [
  { name: "globobot: mentions in groups", filter: "roomType=group&mentionedPeople=me" },
  { name: "globobot: 1:1 rooms", filter: "roomType=direct" },
];

type Kind = { name: string; filter: string };

/** What is to be done with one hook. */
export type HookChange =
  | { do: "keep" | "remove"; hook: Webhook; why: string }
  /** Sets this name and whatever the settings require. */
  | { do: "update"; hook: Webhook; name: string; why: string }
  | { do: "create"; hook: NewWebhook; why: string };

/** Whether the hook is this server's: it has one of our names, or sends new messages to this server. */
export function isOurs(hook: Webhook, { targetUrl }: Pick<HookSettings, "targetUrl">): boolean {
  const isOfMessages = hook.resource === "messages" && hook.event === "created";
  return WANTED.some(({ name }) => name === hook.name) || (isOfMessages && hook.targetUrl === targetUrl);
}

/** Those of this server's hooks that Webex has switched off. */
export function switchedOff(hooks: readonly Webhook[], settings: HookSettings): Webhook[] {
  return hooks.filter((hook) => isOurs(hook, settings) && hook.status !== "active");
}

/** The steps that leave exactly one correct hook of each kind. Other software's hooks are left alone. */
export function reconcile(hooks: readonly Webhook[], settings: HookSettings): HookChange[] {
  const ours = hooks.filter((hook) => isOurs(hook, settings));
  const used = new Set<string>();
  const wanted = WANTED.flatMap(({ name, filter }) => {
    const mine = ours.filter((hook) => !used.has(hook.id) && (hook.name === name || hasFilter(hook, filter)));
    for (const hook of mine) used.add(hook.id);
    return changesFor({ name, filter }, mine, settings);
  });
  const rest = ours.filter((hook) => !used.has(hook.id));
  return [
    ...wanted,
    ...rest.map((hook): HookChange => ({ do: "remove", hook, why: "it brings what the other two bring" })),
  ];
}

function changesFor(
  { name, filter }: Kind,
  mine: readonly Webhook[],
  { targetUrl, secret }: HookSettings,
): HookChange[] {
  // PUT changes neither resource, event nor filter, and cannot remove a secret.
  const usable = mine.filter((hook) => hasFilter(hook, filter) && !(secret === null && hook.secret));
  const kept = usable.find((hook) => hook.targetUrl === targetUrl && hook.name === name) ?? usable[0];
  const others = mine.filter((hook) => hook !== kept);
  const removals = others.map((hook): HookChange => ({ do: "remove", hook, why: whyRemoved(hook, kept) }));
  const base = { name, targetUrl, resource: "messages", event: "created", filter };
  const wanted: NewWebhook = secret === null ? base : { ...base, secret };
  if (!kept) return [...removals, { do: "create", hook: wanted, why: "there was no usable one" }];
  const why = whyUpdated(kept, wanted);
  const keep: HookChange = { do: "keep", hook: kept, why: "it is correct" };
  return [why === null ? keep : { do: "update", hook: kept, name, why }, ...removals];
}

function hasFilter(hook: Webhook, filter: string): boolean {
  const parts = (text: string) => text.split("&").sort().join("&");
  return (
    hook.resource === "messages" && hook.event === "created" && parts(hook.filter ?? "") === parts(filter)
  );
}

function whyRemoved(hook: Webhook, kept: Webhook | undefined): string {
  return kept && hasFilter(hook, kept.filter ?? "") ? "it is a duplicate" : "it cannot be changed as needed";
}

function whyUpdated(hook: Webhook, wanted: NewWebhook): string | null {
  if (hook.targetUrl !== wanted.targetUrl) return `it pointed to ${hook.targetUrl}`;
  if (hook.secret !== wanted.secret) return "its secret was different, or Webex does not show it";
  if (hook.status !== "active") return "it was switched off";
  return hook.name === wanted.name ? null : "its name was different";
}

/** What keeps messages from reaching this server, a sentence each, with the command that fixes it. */
export function complaintsAbout(hooks: readonly Webhook[], settings: HookSettings): string[] {
  return faultsOf(hooks, settings).map(({ says, does, remedy }) => `${says} ${does} it with: ${remedy}`);
}

/** The same with the remedy apart, since one command may fix several faults. */
export function faultsOf(hooks: readonly Webhook[], settings: HookSettings): Fault[] {
  const ours = hooks.filter((hook) => isOurs(hook, settings));
  const missing = WANTED.filter(({ filter }) => !ours.some((hook) => hasFilter(hook, filter)));
  return [
    ...missing.map(({ name }) => ({
      says: `The webhook "${name}" is missing.`,
      does: "Add" as const,
      remedy: "npm run webhooks -- add webex",
      isElsewhere: false,
    })),
    ...ours.flatMap((hook) => faultOf(hook, settings) ?? []),
  ];
}

export type Fault = {
  says: string;
  does: "Add" | "Fix";
  /** The command that does so. */
  remedy: string;
  /** Whether the hook leads to another address: that of this server may have changed. */
  isElsewhere: boolean;
};

function faultOf(hook: Webhook, { targetUrl }: HookSettings): Fault | null {
  if (hook.targetUrl !== targetUrl) {
    const says = `The webhook "${hook.name}" points to ${hook.targetUrl}, not here.`;
    return { says, does: "Fix", remedy: "npm run doctor -- --fix", isElsewhere: true };
  }
  if (hook.status !== "active") {
    const says = `The webhook "${hook.name}" was switched off by Webex.`;
    return { says, does: "Fix", remedy: "npm run webhooks -- heal", isElsewhere: false };
  }
  return null;
}
