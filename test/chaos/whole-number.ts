import { type Command, InvalidArgumentError } from "commander";

/** For options that count something. */
export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("It takes a whole number from 1 on.");
}

/** Wrong usage ends with the help and exit code 2, as with the operator's commands. */
export function strict(command: Command): Command {
  return command.showHelpAfterError().exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}
