import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../errors.ts";
import { checkChatio } from "./checks/chatio.ts";
import { createClockCheck } from "./checks/clock.ts";
import { type Examination, type Finding, problem } from "./checks/finding.ts";
import { checkJobs } from "./checks/jobs.ts";
import { checkLivechat } from "./checks/livechat.ts";
import { checkLocal } from "./checks/local.ts";
import { checkPublicUrl } from "./checks/public-url.ts";
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
      terminal.out(json ? JSON.stringify(findings, null, 2) : findings.map(lineOf).join("\n"));
      if (findings.some(({ state }) => state === "problem")) throw new AlreadyReported();
    });
}

async function examine(terminal: Terminal, fix: boolean): Promise<Finding[]> {
  try {
    const config = await readSettings(terminal);
    const findings = await examineWith(config, fix);
    if (findings.some(({ state }) => state === "fixed")) await tellServer(config, terminal);
    return findings;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [problem("settings", error.message, "fix them in the environment or in .env")];
  }
}

async function examineWith(config: Config, fix: boolean): Promise<Finding[]> {
  const clock = createClockCheck();
  const findings = [...(await checkLocal(config)), ...(await checkJobs(config))];
  const calls = { gate: gateOf(config), observe: clock.note };
  for (const check of PLATFORM_CHECKS) findings.push(...(await check({ config, fix, calls })));
  return [...findings, await checkPublicUrl(config), ...clock.findings()];
}

function lineOf({ check, state, says, todo }: Finding): string {
  const line = `${state.padEnd(8)} ${check.padEnd(14)} ${says.replaceAll("\n", `\n${" ".repeat(24)}`)}`;
  return todo === null ? line : `${line}\n${" ".repeat(24)}-> ${todo}`;
}

if (import.meta.main) await runAsProcess(createDoctorCommand);
