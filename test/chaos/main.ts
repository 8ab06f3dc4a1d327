import { Command, Option } from "commander";
import { CHAT_PLATFORMS, type ChatPlatform } from "./chats.ts";
import { type ChaosReport, runChaos } from "./run.ts";
import { strict, wholeNumber } from "./whole-number.ts";

const command = strict(new Command("npm run chaos --"))
  .description("Kills the server at random points under load and counts what was lost and what was repeated.")
  .addOption(
    new Option("--platform <name>", "where customers chat, beside Webex")
      .choices(Object.keys(CHAT_PLATFORMS))
      .default("chatio"),
  )
  .option("--rounds <number>", "how often it is killed", wholeNumber, 20)
  .option(
    "--seed <number>",
    "repeats the choices of an earlier run",
    wholeNumber,
    1 + (Date.now() % 1_000_000),
  )
  .parse();

const { platform, rounds, seed } = command.opts<{ platform: ChatPlatform; rounds: number; seed: number }>();
print(`seed ${seed}`);
const report = await runChaos({ platform, rounds, seed, tell: print });
for (const [name, value] of Object.entries(report)) print(`${name.padEnd(16)}${value}`);
process.exitCode = isGood(report) ? 0 : 1;
print(isGood(report) ? "Nothing was lost." : "This is not as promised.");

function isGood({
  lost,
  stayed,
  unfinished,
  halfInstalled,
  repeated,
  inHandAtKills,
  exitCode,
}: ChaosReport): boolean {
  return lost + stayed + unfinished + halfInstalled + (exitCode ?? 1) === 0 && repeated <= inHandAtKills;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
