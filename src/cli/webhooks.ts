import { Argument, type Command } from "commander";
import type { Config } from "../config/config.ts";
import { decapitalized } from "../letter-case.ts";
import { LIVECHAT } from "../platforms/livechat/description.ts";
import { WEBEX } from "../platforms/webex/description.ts";
import { visible } from "../visible.ts";
import { CommandError, createCommand, readSettings, runAsProcess, type Terminal, table } from "./command.ts";
import { createLivechatWebhooks, NO_PAT } from "./livechat-webhooks.ts";
import { gateOf, tellServer } from "./open-store.ts";
import { createWebexWebhooks } from "./webex-webhooks.ts";

/** What this command needs from a platform. */
export type WebhooksOf = {
  /** Where our webhooks lead. */
  readonly targetUrl: string;
  /** A row per webhook, ours or not, without its secret. */
  list(): Promise<Readonly<Record<string, string>>[]>;
  /** Makes sure that our webhooks are there and lead to this server; prints what it does. */
  add(print: Terminal["out"]): Promise<void>;
  /** Deletes a webhook; false: there is none with that id. */
  remove(id: string): Promise<boolean>;
};

/** A platform whose webhooks can be managed with the current settings. */
type Managed = { description: { name: string; title: string; missed: string }; webhooks: WebhooksOf };

export function createWebhooksCommand(terminal: Terminal): Command {
  const { out: print } = terminal;
  const command = createCommand(
    "webhooks",
    "Manages the webhooks by which LiveChat and Webex tell this server about messages.",
    terminal,
  );

  command
    .command("list")
    .description("shows all webhooks of the app and of the bot, never their secrets")
    .option("--json", "as JSON, for machines")
    .action(async ({ json }: { json?: boolean }) => {
      const { managed } = await openPlatforms(terminal);
      const rows = (await Promise.all(managed.map(rowsOf))).flat();
      if (json) print(JSON.stringify(rows, null, 2));
      else print(rows.length === 0 ? "No webhooks. Add them with: npm run webhooks -- add" : table(rows));
    });

  command
    .command("add")
    .description(
      "makes sure that the right webhooks lead to this server. LiveChat: one for chats and one for events, replaced each time. Webex: one for mentions in groups and one for 1:1 rooms",
    )
    .addArgument(platformArgument())
    .action(async (platform?: string) => {
      const { config, managed } = await openPlatforms(terminal, platform);
      for (const { description, webhooks } of managed) {
        if (!webhooks.targetUrl.startsWith("https://")) {
          print(
            `Note: ${webhooks.targetUrl} is not an https URL; ${description.title} may not be able to reach it. See PUBLIC_URL.`,
          );
        }
        await webhooks.add(print);
        print(`If they led elsewhere or were missing: ${decapitalized(description.missed)}`);
      }
      await tellServer(config, terminal);
    });

  command
    .command("delete")
    .description("deletes webhooks, ours or not")
    .argument("<ids...>", "as in the list")
    .action(async (ids: string[]) => {
      const { config, managed } = await openPlatforms(terminal);
      for (const id of ids) {
        await remove(id, managed);
        print(`deleted  ${id}`);
      }
      await tellServer(config, terminal);
    });

  command
    .command("heal")
    .description("switches on those of our webhooks that Webex has switched off")
    .action(async () => {
      const config = await readSettings(terminal);
      if (config.webex === null) throw new CommandError(WEBEX.notSetUp);
      const names = await createWebexWebhooks(config.webex, gateOf(config)).heal();
      for (const name of names) print(`switched on  ${visible(name)}`);
      print(names.length === 0 ? "All our webhooks are switched on." : WEBEX.missed);
      await tellServer(config, terminal);
    });

  return command;
}

function platformArgument(): Argument {
  return new Argument("[platform]", "only those of this platform").choices([LIVECHAT.name, WEBEX.name]);
}

/**
 * Opens the platforms that are set up, or only the named one. Says on standard error which platform is left out because a
 * setting is missing. Throws CommandError if none is left.
 */
async function openPlatforms(
  terminal: Terminal,
  named?: string,
): Promise<{ config: Config; managed: readonly Managed[] }> {
  const config = await readSettings(terminal);
  const { livechat, webex } = config;
  const gate = gateOf(config);
  const ofLivechat = livechat && createLivechatWebhooks(livechat, gate);
  const all = [
    {
      description: LIVECHAT,
      webhooks: ofLivechat,
      lacks: livechat === null ? LIVECHAT.notSetUp : NO_PAT,
      isSetUp: livechat !== null,
    },
    {
      description: WEBEX,
      webhooks: webex && createWebexWebhooks(webex, gate),
      lacks: WEBEX.notSetUp,
      isSetUp: webex !== null,
    },
  ].filter(({ description }) => named === undefined || description.name === named);
  const managed = all.flatMap(({ description, webhooks }) => (webhooks ? [{ description, webhooks }] : []));
  if (managed.length === 0) throw new CommandError(all.map(({ lacks }) => lacks).join("\n"));
  for (const { webhooks, isSetUp, lacks } of all) if (isSetUp && webhooks === null) terminal.err(lacks);
  return { config, managed };
}

async function rowsOf({ description: { name: platform }, webhooks }: Managed) {
  return (await webhooks.list()).map((row) => ({ platform, ...row }));
}

async function remove(id: string, managed: readonly Managed[]): Promise<void> {
  for (const { webhooks } of managed) if (await webhooks.remove(id)) return;
  throw new CommandError(`There is no webhook ${id}. See: npm run webhooks -- list`);
}

if (import.meta.main) await runAsProcess(createWebhooksCommand);
