import { type Command, InvalidArgumentError } from "commander";
import type { ChatioConfig, Config } from "../config/config.ts";
import { isFinal, sentenceOf } from "../errors.ts";
import { createLog } from "../log.ts";
import { type ChatioClient, createChatioClient, quotaOf } from "../platforms/chatio/client.ts";
import { CHATIO } from "../platforms/chatio/description.ts";
import { isElsewhere, problemOf } from "../platforms/chatio/installation.ts";
import { createLicenseLock } from "../platforms/chatio/license-lock.ts";
import { createTokenKeeper } from "../platforms/chatio/tokens.ts";
import { HOLD_REASONS, type Installation, type Store } from "../store/store.ts";
import { CommandError, createCommand, readSettings, runAsProcess, type Terminal } from "./command.ts";
import { gateOf, withStore } from "./open-store.ts";
import { table, time } from "./table.ts";

export function createInstallsCommand(terminal: Terminal): Command {
  const { out: print } = terminal;
  const command = createCommand(
    "installs",
    "Shows on which chat.io licenses the Pizza BOT is installed, and removes it.",
    terminal,
  );

  command
    .command("list")
    .description("all installations; their tokens are never shown")
    .option("--json", "as JSON, for machines")
    .action(async ({ json }: { json?: boolean }) => {
      const { config, chatio } = await atChatio(terminal);
      const rows = (await withStore(config, ({ installations }) => installations.list())).map((one) =>
        rowOf(one, chatio),
      );
      if (json) print(JSON.stringify(rows, null, 2));
      else
        print(
          rows.length === 0 ? `No installations. Install it at ${config.publicUrl}/install` : table(rows),
        );
    });

  command
    .command("remove")
    .description("removes the bot agent at chat.io, revokes the token, forgets the license; safe to repeat")
    .argument("<license>", "as in the list", licenseOf)
    .option("--force", "forgets the license even if chat.io cannot be told")
    .action(async (licenseId: number, { force = false }: { force?: boolean }) => {
      const { config, chatio } = await atChatio(terminal);
      const client = createChatioClient({ ...chatio, gate: gateOf(config) });
      await withStore(config, (store) => remove(licenseId, chatio, client, store, { force, print }));
    });

  return command;
}

function licenseOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A license is a number.");
}

async function atChatio(terminal: Terminal): Promise<{ config: Config; chatio: ChatioConfig }> {
  const config = await readSettings(terminal);
  if (config.chatio) return { config, chatio: config.chatio };
  throw new CommandError(CHATIO.notSetUp);
}

async function remove(
  licenseId: number,
  { webhookUrl }: ChatioConfig,
  client: ChatioClient,
  { installations, holds }: Store,
  { force, print }: Way,
): Promise<void> {
  if (!(await installations.find(licenseId))) {
    print(`License ${licenseId} is not installed: there is nothing to remove.`);
    return;
  }
  const log = createLog("silent");
  const tokens = createTokenKeeper({
    client,
    installations,
    oneAtATime: createLicenseLock({ installations }).run,
    webhookUrl,
    log,
  });
  const removal = (what: string, done: string, run: () => Promise<void>) =>
    attempt({ what, done, run }, { force, print });
  await tokens.hold(licenseId, async (use) => {
    await removal("bot agent", "removed", () => use(client.removeBotAgent));
    await removal("token", "revoked", () => use(({ accessToken }) => client.revoke(accessToken)));
    await installations.remove(licenseId);
    // Whoever installs it anew begins anew.
    for (const reason of HOLD_REASONS) await holds.lift(quotaOf(licenseId), reason);
  });
  print(`license    forgotten: ${licenseId}`);
}

type Way = { force: boolean; print: Terminal["out"] };
type Removal = { what: string; done: string; run: () => Promise<void> };

/** What chat.io refuses for good holds nothing up; what may work later ends the command, unless it is forced. */
async function attempt({ what, done, run }: Removal, { force, print }: Way): Promise<void> {
  try {
    await run();
    print(`${what.padEnd(10)} ${done}`);
  } catch (error) {
    const sentence = `${what.padEnd(10)} not ${done}: ${sentenceOf(error)}`;
    if (!force && !isFinal(error)) {
      throw new CommandError(
        `${sentence}\nNothing was forgotten. Run the command again later, or with --force.`,
      );
    }
    print(sentence);
  }
}

function rowOf(installation: Installation, { webhookUrl }: ChatioConfig) {
  return {
    license: String(installation.licenseId),
    bot: installation.botId,
    expires: time(installation.expiresAt),
    webhooks: installation.webhookUrl,
    state:
      problemOf(installation) ??
      (isElsewhere(installation, webhookUrl) ? "ok, but its webhooks go elsewhere" : "ok"),
  };
}

if (import.meta.main) await runAsProcess(createInstallsCommand);
