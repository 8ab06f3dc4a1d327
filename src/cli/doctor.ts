import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../errors.ts";
import { checkChatio } from "./checks/chatio.ts";
import { createClockCheck } from "./checks/clock.ts";
import { type Examination, type Finding, problem } from "./checks/finding.ts";
import { checkJobs } from "./checks/jobs.ts";
import { checkLivechat } from "./checks/livechat.ts";
import { checkLocal } from "./checks/local.ts";
import { checkPublicUrl, checkServer, findServers } from "./checks/public-url.ts";
import { checkRedirectUris } from "./checks/redirect-uri.ts";
import { checkWebex } from "./checks/webex.ts";
import { AlreadyReported, createCommand, readSettings, runAsProcess, type Terminal } from "./command.ts";
import { gateOf, tellServer } from "./open-store.ts";

/** The checks of each platform; they find nothing if it is not set up. */
const PLATFORM_CHECKS: readonly ((examination: Examination) => Promise<Finding[]>)[] = [
  checkLivechat,
  checkChatio,
  checkWebex,
];

export function createDoctorCommand(terminal: Terminal): Command {
  const description = "Checks everything the server needs, one line each, and says what to do.";
  return createCommand("doctor", description, terminal)
    .option("--fix", "points bot agents and webhooks with an earlier address to this server")
    .option("--json", "as JSON, for machines")
    .action(async ({ fix = false, json }: { fix?: boolean; json?: boolean }) => {
      const findings = await examine(terminal, fix);
      terminal.out(
        json ? JSON.stringify(findings.map(forMachines), null, 2) : findings.map(lineOf).join("\n"),
      );
      if (findings.some(({ state }) => state === "problem")) throw new AlreadyReported();
    });
}

async function examine(terminal: Terminal, fix: boolean): Promise<Finding[]> {
  try {
    return await examineWith(await readSettings(terminal), fix, terminal);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [problem("settings", error.message, "fix them in the environment or in .env")];
  }
}

async function examineWith(config: Config, fix: boolean, terminal: Terminal): Promise<Finding[]> {
  const clock = createClockCheck();
  const running = await findServers(config);
  const local = [
    ...checkServer(config, running, fix),
    ...(await checkLocal(config)),
    ...(await checkJobs(config)),
  ];
  const calls = { gate: gateOf(config), observe: clock.note };
  const found: Finding[] = [];
  for (const check of PLATFORM_CHECKS) found.push(...(await check({ config, fix, calls })));
  // What the server shows would otherwise stay as it is for up to five minutes.
  if (found.some(({ state }) => state !== "ok") && canBeTold(local)) await tellServer(config, terminal);
  const redirects = checkRedirectUris(config, found);
  return [...local, ...found, ...redirects, await checkPublicUrl(config, running), ...clock.findings()];
}

function canBeTold(local: readonly Finding[]): boolean {
  return local.some(({ check, state }) => check === "database" && state === "ok");
}

function forMachines({ check, state, says, todo }: Finding) {
  return { check, state, says, todo };
}

function lineOf({ check, state, says, todo }: Finding): string {
  const line = `${state.padEnd(8)} ${check.padEnd(14)} ${says.replaceAll("\n", `\n${" ".repeat(24)}`)}`;
  return todo === null ? line : `${line}\n${" ".repeat(24)}-> ${todo}`;
}

if (import.meta.main) await runAsProcess(createDoctorCommand);
