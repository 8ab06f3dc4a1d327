import { type Command, InvalidArgumentError } from "commander";
import type { Config } from "../config/config.ts";
import { isFinal, sentenceOf } from "../errors.ts";
import type { PlatformName } from "../job.ts";
import { CHATIO } from "../platforms/chatio/description.ts";
import { LIVECHAT } from "../platforms/livechat/description.ts";
import { installationState } from "../store/installation-state.ts";
import type { Installation, Store } from "../store/store.ts";
import {
  CommandError,
  createCommand,
  readSettings,
  runAsProcess,
  type Terminal,
  table,
  time,
} from "./command.ts";
import { createChatioInstalls, createLivechatInstalls } from "./keyword-installs.ts";
import { gateOf, withStore } from "./open-store.ts";

/** Makes one of several calls; `done` says what it did to `what`, e.g. "token", "revoked". */
export type Attempt = (what: string, done: string, call: () => Promise<void>) => Promise<void>;

/** What this command needs from a platform. */
export type InstallsOf = {
  /** "ok", or what is wrong with the installation. */
  stateOf(installation: Installation): string;
  /** Removes the bot from the account and deletes the installation. Each call goes through `attempt`. Throws what that throws. */
  remove(account: string, store: Store, attempt: Attempt): Promise<void>;
};

/** The platforms that are set up, by name. */
type PlatformInstalls = ReadonlyMap<PlatformName, InstallsOf>;

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
    .description("shows all installations, never their tokens")
    .option("--json", "as JSON, for machines")
    .action(async ({ json }: { json?: boolean }) => {
      const { config, platforms } = await openPlatforms(terminal);
      const all = await withStore(config, ({ installations }) => installations.list());
      const rows = all.map((installation) => rowOf(installation, platforms));
      if (json) print(JSON.stringify(rows, null, 2));
      else print(rows.length === 0 ? nothingInstalled(config, platforms) : table(rows));
    });

  command
    .command("remove")
    .description("removes the bot, revokes its token, deletes the installation; safe to repeat")
    .argument(
      "<account...>",
      "the account as listed; put the platform before it if several have that account",
      named,
    )
    .option("--force", "deletes the installation even if the platform cannot be reached")
    .action(async (names: string[], { force = false }: { force?: boolean }) => {
      const { config, platforms } = await openPlatforms(terminal);
      await withStore(config, (store) => remove(names, platforms, store, { force, print }));
    });

  return command;
}

/** Collects the arguments: an account, or a platform and an account. */
function named(name: string, earlier: readonly string[] = []): string[] {
  if (earlier.length === 2) throw new InvalidArgumentError("One account at a time.");
  if (/^[\w-]{1,100}$/.test(name)) return [...earlier, name];
  throw new InvalidArgumentError("An account has only letters, digits, - and _.");
}

async function openPlatforms(terminal: Terminal): Promise<{ config: Config; platforms: PlatformInstalls }> {
  const config = await readSettings(terminal);
  const { livechat, chatio } = config;
  const platforms = new Map<PlatformName, InstallsOf>();
  if (livechat) platforms.set(LIVECHAT.name, createLivechatInstalls(livechat, gateOf(config)));
  if (chatio) platforms.set(CHATIO.name, createChatioInstalls(chatio, gateOf(config)));
  if (platforms.size > 0) return { config, platforms };
  throw new CommandError([LIVECHAT, CHATIO].map(({ notSetUp }) => notSetUp).join("\n"));
}

function nothingInstalled({ publicUrl }: Config, platforms: PlatformInstalls): string {
  const links = [LIVECHAT, CHATIO]
    .filter(({ name }) => platforms.has(name))
    .map(({ install }) => `${publicUrl}${install.startPath}`);
  return `The Pizza BOT is not installed. Install it at ${links.join(" or ")}`;
}

async function remove(
  names: readonly string[],
  platforms: PlatformInstalls,
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
    throw new CommandError(`${platform} is not set up; its settings are needed to remove the bot.`);
  await installs.remove(account, store, createAttempt(options));
  options.print(`${"account".padEnd(10)} deleted: ${account}`);
}

/** null: not installed. Throws CommandError if several platforms have that account and none is named. */
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
  throw new CommandError(`${account} is installed on more than one platform. Use: ${choice}.`);
}

/** A final refusal by the platform stops nothing. A failure that may pass ends the command, unless it is forced. */
function createAttempt({ force, print }: RemoveOptions): Attempt {
  return async (what, done, call) => {
    try {
      await call();
      print(`${what.padEnd(10)} ${done}`);
    } catch (error) {
      const sentence = `${what.padEnd(10)} not ${done}: ${sentenceOf(error)}`;
      if (!force && !isFinal(error)) {
        throw new CommandError(
          `${sentence}\nThe installation was kept. Run the command again later, or with --force.`,
        );
      }
      print(sentence);
    }
  };
}

function rowOf(installation: Installation, platforms: PlatformInstalls) {
  const { platform, account, botId, expiresAt, webhookUrl } = installation;
  return {
    platform,
    account,
    bot: botId,
    // What was revoked expires no more.
    expires: installationState(installation) === "ok" ? time(expiresAt) : "-",
    webhooks: webhookUrl,
    state: platforms.get(platform)?.stateOf(installation) ?? "its platform is not set up",
  };
}

if (import.meta.main) await runAsProcess(createInstallsCommand);
