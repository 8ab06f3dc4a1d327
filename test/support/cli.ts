import { execFile } from "node:child_process";
import type { Command } from "commander";
import { createBackupCommand } from "../../src/cli/backup.ts";
import { runCommand, type Terminal } from "../../src/cli/command.ts";
import { createDoctorCommand } from "../../src/cli/doctor.ts";
import { createInboxCommand } from "../../src/cli/inbox.ts";
import { createInstallsCommand } from "../../src/cli/installs.ts";
import { createMigrateStoreCommand } from "../../src/cli/migrate-store.ts";
import { createReactionsCommand } from "../../src/cli/reactions.ts";
import { createWebhooksCommand } from "../../src/cli/webhooks.ts";
import type { Environment } from "../../src/config/config.ts";
import { COMPILE_CACHE } from "./process.ts";

export type Ended = { code: number; out: string; err: string };

const COMMANDS = {
  backup: createBackupCommand,
  doctor: createDoctorCommand,
  inbox: createInboxCommand,
  installs: createInstallsCommand,
  "migrate-store": createMigrateStoreCommand,
  reactions: createReactionsCommand,
  webhooks: createWebhooksCommand,
} satisfies Record<string, (terminal: Terminal) => Command>;

export type CommandName = keyof typeof COMMANDS;

// Nobody asks an ngrok agent that may be running on this machine.
const NO_NGROK = { NGROK_API_URL: "http://127.0.0.1:1" };

/** Runs one of the operator's commands as a process of its own, with these settings and no others. */
export function runCliProcess(
  name: CommandName,
  args: readonly string[],
  settings: Environment,
): Promise<Ended> {
  const program = ["--require", "./src/boot.cjs", `src/cli/${name}.ts`, ...args];
  const env = { ...COMPILE_CACHE, ...NO_NGROK, ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, program, { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

/** The same within this process, which is quicker. */
export async function runCli(
  name: CommandName,
  args: readonly string[],
  settings: Environment,
): Promise<Ended> {
  const said = { out: "", err: "" };
  const terminal: Terminal = {
    environment: { ...NO_NGROK, ...settings },
    out: (text) => {
      said.out += `${text}\n`;
    },
    err: (text) => {
      said.err += `${text}\n`;
    },
  };
  const code = await runCommand(COMMANDS[name](terminal), args, terminal);
  return { code, ...said };
}
