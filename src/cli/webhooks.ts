import { type Config, readProcessConfig, type WebexConfig } from "../config.ts";
import { createWebexClient, type WebexClient, type Webhook } from "../platforms/webex/client.ts";
import { healed } from "../platforms/webex/hook-watch.ts";
import { type HookSettings, isOurs, reconcile } from "../platforms/webex/hooks.ts";
import { createCommand, Refusal, runCommand } from "./command.ts";
import { table } from "./table.ts";
import { take } from "./take-step.ts";
import { print } from "./terminal.ts";

const PAST = { keep: "kept   ", update: "updated", create: "created", remove: "deleted" } as const;

const command = createCommand(
  "webhooks",
  "Looks after the webhooks by which Webex tells this server of messages.",
);

command
  .command("list")
  .description("all webhooks of the bot; their secrets are never shown")
  .option("--json", "as JSON, for machines")
  .action(async ({ json }: { json?: boolean }) => {
    const { client, settings } = await atWebex();
    const rows = (await client.listWebhooks()).map((hook) => rowOf(hook, settings));
    if (json) print(JSON.stringify(rows, null, 2));
    else print(rows.length === 0 ? "No webhooks. Add them with: npm run webhooks -- add" : table(rows));
  });

command
  .command("add")
  .description(
    "sees to it that there is one webhook for mentions in groups and one for 1:1 rooms, both leading here",
  )
  .action(async () => {
    const { client, settings } = await atWebex();
    if (!settings.targetUrl.startsWith("https://")) {
      print(
        `Note: ${settings.targetUrl} is no https address; Webex may not be able to reach it. See PUBLIC_URL.`,
      );
    }
    for (const step of reconcile(await client.listWebhooks(), settings)) {
      await take(step, client, settings);
      print(`${PAST[step.do]}  ${step.hook.name} (${step.hook.filter ?? "no filter"}): ${step.why}`);
    }
  });

command
  .command("delete")
  .description("deletes webhooks, ours or not")
  .argument("<ids...>", "as in the list")
  .action(async (ids: string[]) => {
    const { client } = await atWebex();
    for (const id of ids) {
      await client.deleteWebhook(id);
      print(`deleted  ${id}`);
    }
  });

command
  .command("heal")
  .description("switches on again what Webex has switched off of ours")
  .action(async () => {
    const { client, settings } = await atWebex();
    const names = await healed(client, settings);
    for (const name of names) print(`switched on  ${name}`);
    if (names.length === 0) print("All of ours are switched on.");
  });

await runCommand(command);

async function atWebex(): Promise<{ client: WebexClient; settings: HookSettings }> {
  const webex = webexOf(await readProcessConfig());
  return {
    client: createWebexClient({ apiUrl: webex.apiUrl, token: webex.token }),
    settings: { targetUrl: webex.targetUrl, secret: webex.webhookSecret },
  };
}

function webexOf({ webex }: Config): WebexConfig {
  if (webex) return webex;
  throw new Refusal("Webex is not set up: put the bot's token into WT_API_TOKEN.");
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
