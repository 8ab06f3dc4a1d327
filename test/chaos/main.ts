import { Command, Option } from "commander";
import { CHAT_PLATFORMS, type ChatPlatform } from "./chats.ts";
import { runChaos } from "./run.ts";
import { runServersChaos } from "./servers.ts";
import { isGood, isGoodOfServers } from "./verdict.ts";
import { strict, wholeNumber } from "./whole-number.ts";

const command = strict(new Command("npm run chaos --"))
  .description(
    "Kills the server at random points under load and counts what was lost and what was repeated. With --servers several of them run on a PostgreSQL of its own; they are also paused and cut off from it, and it is restarted.",
  )
  .addOption(
    new Option("--platform <name>", "where customers chat, beside Webex")
      .choices(Object.keys(CHAT_PLATFORMS))
      .default("chatio"),
  )
  .option("--rounds <number>", "how often something is done to them", wholeNumber, 20)
  .option("--servers <number>", "how many servers on one PostgreSQL, from 2 on", wholeNumber)
  .option(
    "--seed <number>",
    "repeats the choices of an earlier run",
    wholeNumber,
    1 + (Date.now() % 1_000_000),
  )
  .parse();

type Options = { platform: ChatPlatform; rounds: number; seed: number; servers?: number };

const { servers = 1, ...options } = command.opts<Options>();
print(`seed ${options.seed}`);
const isAsPromised = servers === 1 ? await runOne() : await runSeveral();
process.exitCode = isAsPromised ? 0 : 1;
print(isAsPromised ? "Nothing was lost." : "This is not as promised.");

async function runOne(): Promise<boolean> {
  const report = await runChaos({ ...options, tell: print });
  printReport(report);
  return isGood(report);
}

async function runSeveral(): Promise<boolean> {
  const { troubles, ...report } = await runServersChaos({ ...options, servers, tell: printWithTime });
  printReport({ ...troubles, ...report });
  return isGoodOfServers(report);
}

function printReport(report: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(report)) print(`${name.padEnd(18)}${value}`);
}

function printWithTime(line: string): void {
  print(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
