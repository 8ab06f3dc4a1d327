import { parseArgs } from "node:util";
import { sentenceOf } from "../errors.ts";
import { play, type Tell } from "./play.ts";
import { LICENSE, type Stage, setStage } from "./stage.ts";

const USAGE = "Usage: npm run demo [-- --once]   (--once: play once and exit)\n";

const tell: Tell = (line) => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<void> {
  const isOnce = readArguments();
  const stage = await setStage();
  try {
    await play(stage, tell);
    if (!isOnce) await keepRunning(stage);
  } finally {
    await stage.stop();
  }
  if (isOnce)
    tell("\nAll of it really happened: over HTTP, against stand-ins for chat.io and Webex on this machine.");
}

function readArguments(): boolean {
  try {
    const flag = { type: "boolean", default: false } as const;
    const { values } = parseArgs({ options: { once: flag, help: flag } });
    if (!values.help) return values.once;
    tell(USAGE.trimEnd());
    return process.exit(0);
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n${USAGE}`);
    return process.exit(2);
  }
}

async function keepRunning({ serverUrl, chatio, webex }: Stage): Promise<void> {
  tell("");
  tell("Everything keeps running until you press Ctrl+C:");
  tell(`   the server               ${serverUrl}`);
  tell(
    `   install the Pizza BOT    ${serverUrl}/install   (consent for license ${LICENSE} is given at once)`,
  );
  tell(`   its health               ${serverUrl}/readyz`);
  tell(`   stand-in for chat.io     ${chatio.apiUrl}`);
  tell(`   stand-in for Webex       ${webex.apiUrl}`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe demo failed: ${sentenceOf(error)}\n`);
  process.exit(1);
});
