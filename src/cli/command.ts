import { Command, CommanderError } from "commander";
import { ConfigError, PlatformError, StoreError, sentenceOf } from "../errors.ts";

/** Something that an operator did or asked for cannot be; the sentence says why. */
export class Refusal extends Error {
  override name = "Refusal";
}

/** A command whose usage errors show its help. */
export function createCommand(name: string, description: string): Command {
  return new Command(`npm run ${name} --`).description(description).showHelpAfterError().exitOverride();
}

/**
 * Runs the command with the process's arguments. Exit codes: 0; 1 with a sentence when it did not work; 2 with the help
 * when it was called wrongly.
 */
export async function runCommand(
  command: Command,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (error instanceof CommanderError) return;
    process.stderr.write(
      `${isForOperator(error) || !(error instanceof Error) ? sentenceOf(error) : error.stack}\n`,
    );
  }
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof CommanderError)) return 1;
  return error.exitCode === 0 ? 0 : 2;
}

function isForOperator(error: unknown): boolean {
  return [Refusal, ConfigError, PlatformError, StoreError].some((kind) => error instanceof kind);
}
