import { Command, CommanderError } from "commander";
import { type Config, type Environment, processEnvironment, readProcessConfig } from "../config/config.ts";
import { ConfigError, PlatformError, StoreError, sentenceOf } from "../errors.ts";
import { visibleLines } from "../visible.ts";

/** Where a command reads its settings and prints. */
export type Terminal = {
  environment: Environment;
  /** Prints lines. */
  out(text: string): void;
  err(text: string): void;
};

/** The command cannot do what the operator asked for; the message says why. */
export class CommandError extends Error {
  override name = "CommandError";
}

/** The command failed, and has already printed why. */
export class BadNews extends Error {
  override name = "BadNews";
}

/** The settings. Says on standard error when an ngrok tunnel is used as PUBLIC_URL. Throws ConfigError. */
export async function readSettings({ environment, err }: Terminal): Promise<Config> {
  const config = await readProcessConfig(environment);
  if (config.isPublicUrlFromNgrok) err(`PUBLIC_URL is not set; using the ngrok tunnel ${config.publicUrl}`);
  return config;
}

/** A command whose usage errors show its help. */
export function createCommand(name: string, description: string, terminal: Terminal): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .showHelpAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    });
}

/** Runs the command. Returns the exit code: 0; 1 with a message if it failed; 2 with the help for wrong usage. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    await command.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof BadNews)) terminal.err(complaintOf(error));
    return 1;
  }
}

/** Runs a command as a process of its own. Nothing it prints can steer the terminal. */
export async function runAsProcess(create: (terminal: Terminal) => Command): Promise<void> {
  const terminal: Terminal = {
    environment: processEnvironment(),
    out: (text) => void process.stdout.write(`${visibleLines(text)}\n`),
    err: (text) => void process.stderr.write(`${visibleLines(text)}\n`),
  };
  process.exitCode = await runCommand(create(terminal), process.argv.slice(2), terminal);
}

/** A bug of ours keeps its stack. */
function complaintOf(error: unknown): string {
  const isForOperator = [CommandError, ConfigError, PlatformError, StoreError].some(
    (kind) => error instanceof kind,
  );
  return isForOperator || !(error instanceof Error) ? sentenceOf(error) : (error.stack ?? error.message);
}
