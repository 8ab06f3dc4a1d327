import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { isFinal } from "../errors.ts";
import { createWebexClient, type WebexClient, type Webhook } from "../platforms/webex/client.ts";
import { WEBEX } from "../platforms/webex/description.ts";
import { healHooks } from "../platforms/webex/heal.ts";
import { type HookChange, type HookSettings, isOurs, reconcile } from "../platforms/webex/hooks.ts";
import { visible } from "../visible.ts";
import { CommandError, createCommand, readSettings, runAsProcess, type Terminal, table } from "./command.ts";
import { gateOf, tellServer } from "./open-store.ts";

export function createWebhooksCommand(terminal: Terminal): Command {
  const { out: print } = terminal;
  const command = createCommand(
    "webhooks",
    "Manages the webhooks by which Webex tells this server about messages.",
    terminal,
  );

  command
    .command("list")
    .description("shows all webhooks of the bot, never their secrets")
    .option("--json", "as JSON, for machines")
    .action(async ({ json }: { json?: boolean }) => {
      const { client, settings } = await openWebex(terminal);
      const rows = (await client.listWebhooks()).map((hook) => rowOf(hook, settings));
      if (json) print(JSON.stringify(rows, null, 2));
      else print(rows.length === 0 ? "No webhooks. Add them with: npm run webhooks -- add" : table(rows));
    });

  command
    .command("add")
    .description(
      "makes sure that there is one webhook for mentions in groups and one for 1:1 rooms, both to this server",
    )
    .action(async () => {
      const { config, client, settings } = await openWebex(terminal);
      if (!settings.targetUrl.startsWith("https://")) {
        print(
          `Note: ${settings.targetUrl} is not an https URL; Webex may not be able to reach it. See PUBLIC_URL.`,
        );
      }
      for (const change of reconcile(await client.listWebhooks(), settings)) {
        await applyHookChange(change, client, settings);
        print(
          `${CHANGE_WORDS[change.do].padEnd(7)}  ${visible(change.hook.name)} (${visible(change.hook.filter ?? "no filter")}): ${change.why}`,
        );
      }
      await tellServer(config, terminal);
    });

  command
    .command("delete")
    .description("deletes webhooks, ours or not")
    .argument("<ids...>", "as in the list")
    .action(async (ids: string[]) => {
      const { config, client } = await openWebex(terminal);
      for (const id of ids) {
        await client.deleteWebhook(id).catch((error: unknown) => {
          const isMissing = isFinal(error) && error.status === 404;
          throw isMissing
            ? new CommandError(`There is no webhook ${id}. See: npm run webhooks -- list`)
            : error;
        });
        print(`deleted  ${id}`);
      }
      await tellServer(config, terminal);
    });

  command
    .command("heal")
    .description("switches on those of our webhooks that Webex has switched off")
    .action(async () => {
      const { config, client, settings } = await openWebex(terminal);
      const names = await healHooks(client, settings);
      for (const name of names) print(`switched on  ${visible(name)}`);
      if (names.length === 0) print("All our webhooks are switched on.");
      await tellServer(config, terminal);
    });

  return command;
}

/** What was done with a webhook, in one word. */
export const CHANGE_WORDS = {
  keep: "kept",
  update: "updated",
  create: "created",
  remove: "deleted",
} as const;

/** Carries out one change of a webhook. Throws PlatformError. */
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

type WebexAccess = { config: Config; client: WebexClient; settings: HookSettings };

async function openWebex(terminal: Terminal): Promise<WebexAccess> {
  const config = await readSettings(terminal);
  const { webex } = config;
  if (!webex) throw new CommandError(WEBEX.notSetUp);
  return {
    config,
    client: createWebexClient({ apiUrl: webex.apiUrl, token: webex.token, gate: gateOf(config) }),
    settings: { targetUrl: webex.targetUrl, secret: webex.webhookSecret },
  };
}

function rowOf(hook: Webhook, settings: HookSettings) {
  return {
    id: hook.id,
    name: hook.name,
    target: hook.targetUrl,
    what: `${hook.resource}/${hook.event}`,
    filter: hook.filter ?? "",
    status: hook.status,
    ours: isOurs(hook, settings) ? "yes" : "no",
  };
}

if (import.meta.main) await runAsProcess(createWebhooksCommand);
