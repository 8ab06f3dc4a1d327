import { Command, CommanderError } from "commander";
import { type Config, type Environment, processEnvironment, readProcessConfig } from "../config/config.ts";
import { ConfigError, PlatformError, StoreError, sentenceOf } from "../errors.ts";
import { visibleLines } from "../visible.ts";

/** Where a command gets its settings from and prints to. */
export type Terminal = {
  environment: Environment;
  /** Prints lines. */
  out(text: string): void;
  err(text: string): void;
};

/** What the operator asked for cannot be done; the sentence says why. */
export class CommandError extends Error {
  override name = "CommandError";
}

/** The command has said all there is to say, and what it said is not good. */
export class BadNews extends Error {
  override name = "BadNews";
}

/** The settings, with a word on standard error where an ngrok tunnel stands in for PUBLIC_URL. Throws ConfigError. */
export async function readSettings({ environment, err }: Terminal): Promise<Config> {
  const config = await readProcessConfig(environment);
  if (config.isPublicUrlFromNgrok)
    err(`PUBLIC_URL is not set; taken for it: the ngrok tunnel ${config.publicUrl}`);
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

/**
 * Runs the command; tells the exit code: 0; 1 with a sentence when it did not work; 2 with the help when it was called
 * wrongly.
 */
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

/** What runs a command as a process of its own. Nothing that it prints can steer the terminal. */
export async function runAsProcess(create: (terminal: Terminal) => Command): Promise<void> {
  const terminal: Terminal = {
    environment: processEnvironment(),
    out: (text) => void process.stdout.write(`${visibleLines(text)}\n`),
    err: (text) => void process.stderr.write(`${visibleLines(text)}\n`),
  };
  process.exitCode = await runCommand(create(terminal), process.argv.slice(2), terminal);
}

/** A mistake of ours keeps its stack. */
function complaintOf(error: unknown): string {
  const isForOperator = [CommandError, ConfigError, PlatformError, StoreError].some(
    (kind) => error instanceof kind,
  );
  return isForOperator || !(error instanceof Error) ? sentenceOf(error) : (error.stack ?? error.message);
}
