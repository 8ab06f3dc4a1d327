import type { Command } from "commander";
import { readConfig } from "../config/config.ts";
import { createCommand, runAsProcess, type Terminal } from "./command.ts";
import { backUp } from "./open-store.ts";

export function createBackupCommand(terminal: Terminal): Command {
  const description =
    "Copies the database while the server runs. The copy is checked before it is renamed to <file>.";
  return createCommand("backup", description, terminal)
    .argument("<file>", "the file for the copy; only this user can read it")
    .option("--overwrite", "replaces an existing file")
    .action((file: string, { overwrite = false }: { overwrite?: boolean }) => {
      const { jobs, installations } = backUp(readConfig(terminal.environment), file, overwrite);
      terminal.out(`${file} holds ${counted(jobs, "job")} and ${counted(installations, "installation")}.`);
    });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

if (import.meta.main) await runAsProcess(createBackupCommand);
