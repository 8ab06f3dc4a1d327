import { type Command, InvalidArgumentError } from "commander";
import type { Config } from "../config/config.ts";
import { isFinal, sentenceOf } from "../errors.ts";
import type { PlatformName } from "../job.ts";
import { CHATIO } from "../platforms/chatio/description.ts";
import { LIVECHAT } from "../platforms/livechat/description.ts";
import type { Installation, Store } from "../store/store.ts";
import { CommandError, createCommand, readSettings, runAsProcess, type Terminal } from "./command.ts";
import { createChatioInstalls, createLivechatInstalls } from "./keyword-installs.ts";
import { gateOf, withStore } from "./open-store.ts";
import { table, time } from "./table.ts";

/** Makes one call of several; `done` says what it has done to `what`, e.g. "token", "revoked". */
export type Attempt = (what: string, done: string, call: () => Promise<void>) => Promise<void>;

/** A platform's installations, as far as this command has to do with them. */
export type InstallsOf = {
  /** "ok", or what is wrong with it, as a sentence. */
  stateOf(installation: Installation): string;
  /** Takes the bot away from the account by these attempts, and forgets the installation. Throws what an attempt throws. */
  remove(account: string, store: Store, attempt: Attempt): Promise<void>;
};

/** By platform, those that are set up. */
type Platforms = ReadonlyMap<PlatformName, InstallsOf>;

type RemoveOptions = { force: boolean; print: Terminal["out"] };

export function createInstallsCommand(terminal: Terminal): Command {
  const { out: print } = terminal;
  const command = createCommand(
    "installs",
    "Shows where the Pizza BOT is installed, and removes it.",
    terminal,
  );

  command
    .command("list")
    .description("all installations; their tokens are never shown")
    .option("--json", "as JSON, for machines")
    .action(async ({ json }: { json?: boolean }) => {
      const { config, platforms } = await atPlatforms(terminal);
      const all = await withStore(config, ({ installations }) => installations.list());
      const rows = all.map((installation) => rowOf(installation, platforms));
      if (json) print(JSON.stringify(rows, null, 2));
      else print(rows.length === 0 ? nothingInstalled(config, platforms) : table(rows));
    });

  command
    .command("remove")
    .description("removes the bot there, revokes its token, forgets the installation; safe to repeat")
    .argument(
      "<account...>",
      "as in the list; the platform before it, where several have that account",
      named,
    )
    .option("--force", "forgets the installation even if the platform cannot be told")
    .action(async (names: string[], { force = false }: { force?: boolean }) => {
      const { config, platforms } = await atPlatforms(terminal);
      await withStore(config, (store) => remove(names, platforms, store, { force, print }));
    });

  return command;
}

/** The names so far, at most a platform and an account. */
function named(name: string, earlier: readonly string[] = []): string[] {
  if (earlier.length === 2) throw new InvalidArgumentError("One account at a time.");
  if (/^[\w-]{1,100}$/.test(name)) return [...earlier, name];
  throw new InvalidArgumentError("An account is a number or an id.");
}

async function atPlatforms(terminal: Terminal): Promise<{ config: Config; platforms: Platforms }> {
  const config = await readSettings(terminal);
  const { livechat, chatio } = config;
  const platforms = new Map<PlatformName, InstallsOf>();
  if (livechat) platforms.set(LIVECHAT.name, createLivechatInstalls(livechat, gateOf(config)));
  if (chatio) platforms.set(CHATIO.name, createChatioInstalls(chatio, gateOf(config)));
  if (platforms.size > 0) return { config, platforms };
  throw new CommandError([LIVECHAT, CHATIO].map(({ notSetUp }) => notSetUp).join("\n"));
}

function nothingInstalled({ publicUrl }: Config, platforms: Platforms): string {
  const links = [LIVECHAT, CHATIO]
    .filter(({ name }) => platforms.has(name))
    .map(({ install }) => `${publicUrl}${install.startPath}`);
  return `No installations. Install it at ${links.join(" or ")}`;
}

async function remove(
  names: readonly string[],
  platforms: Platforms,
  store: Store,
  options: RemoveOptions,
): Promise<void> {
  const found = await find(names, store);
  if (found === null) {
    options.print(`${names.join(" ")} is not installed: there is nothing to remove.`);
    return;
  }
  const { platform, account } = found;
  const installs = platforms.get(platform);
  if (!installs)
    throw new CommandError(`${platform} is not set up: without its settings nothing can be removed.`);
  await installs.remove(account, store, createAttempt(options));
  options.print(`${"account".padEnd(10)} forgotten: ${account}`);
}

/** null: not installed. Throws CommandError where several platforms have that account and none is named. */
async function find(names: readonly string[], { installations }: Store): Promise<Installation | null> {
  const [account = "", ofPlatform = null] = names.toReversed();
  const found: Installation[] = [];
  for (const platform of (await installations.countByState()).keys()) {
    if (ofPlatform !== null && platform !== ofPlatform) continue;
    const installation = await installations.of(platform).find(account);
    if (installation) found.push(installation);
  }
  if (found.length <= 1) return found[0] ?? null;
  const choice = found.map(({ platform }) => `remove ${platform} ${account}`).join(" or ");
  throw new CommandError(`${account} is installed on more than one platform: say ${choice}.`);
}

/** What the platform refuses for good holds nothing up; what may work later ends the command, unless it is forced. */
function createAttempt({ force, print }: RemoveOptions): Attempt {
  return async (what, done, call) => {
    try {
      await call();
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
  };
}

function rowOf(installation: Installation, platforms: Platforms) {
  const { platform, account, botId, expiresAt, webhookUrl } = installation;
  return {
    platform,
    account,
    bot: botId,
    expires: time(expiresAt),
    webhooks: webhookUrl,
    state: platforms.get(platform)?.stateOf(installation) ?? "its platform is not set up",
  };
}

if (import.meta.main) await runAsProcess(createInstallsCommand);
