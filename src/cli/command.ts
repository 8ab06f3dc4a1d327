import { Command, CommanderError } from "commander";
import { type Config, type Environment, processEnvironment, readProcessConfig } from "../config/config.ts";
import { isoTime } from "../durations.ts";
import { isForOperator, sentenceOf } from "../errors.ts";
import { visible, visibleLines } from "../visible.ts";

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
export class AlreadyReported extends Error {
  override name = "AlreadyReported";
}

/** Reads the settings. Says on standard error if an ngrok tunnel is used as PUBLIC_URL. Throws ConfigError. */
export async function readSettings({ environment, err }: Terminal): Promise<Config> {
  const config = await readProcessConfig(environment);
  if (config.isPublicUrlFromNgrok) err(`PUBLIC_URL is not set; using the ngrok tunnel ${config.publicUrl}`);
  return config;
}

/** Creates a command that shows its help after a usage error. */
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
    if (!(error instanceof AlreadyReported)) terminal.err(complaintOf(error));
    return 1;
  }
}

/** Runs a command as a process of its own. Nothing it prints can steer the terminal. */
export async function runAsProcess(create: (terminal: Terminal) => Command): Promise<void> {
  const terminal: Terminal = {
    // Read only when a command needs it: --help works whatever .env is.
    get environment() {
      return processEnvironment();
    },
    out: (text) => void process.stdout.write(`${visibleLines(text)}\n`),
    err: (text) => void process.stderr.write(`${visibleLines(text)}\n`),
  };
  process.exitCode = await runCommand(create(terminal), process.argv.slice(2), terminal);
}

/** A bug of ours keeps its stack. */
function complaintOf(error: unknown): string {
  const isExpected = error instanceof CommandError || isForOperator(error) || !(error instanceof Error);
  return isExpected ? sentenceOf(error) : (error.stack ?? error.message);
}

type Row = Readonly<Record<string, string>>;

/** A table of aligned columns, one line per row; the headings are the names in the first row. */
export function table(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [
    names.map((name) => name.toUpperCase()),
    ...rows.map((row) => names.map((name) => visible(row[name] ?? ""))),
  ];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Formats milliseconds since 1970 as "2026-01-05 23:51:07Z". */
export function time(ms: number): string {
  return `${isoTime(ms)}Z`;
}
