import { parseArgs } from "node:util";
import { sentenceOf } from "../errors.ts";
import { startLiveDemo } from "./live/demo.ts";
import { parentEnded } from "./parent-ended.ts";
import { play, type Tell } from "./play.ts";
import { setStage } from "./stage.ts";

const USAGE = "Usage: npm run demo [-- --once]   (--once: play once and exit)\n";

const tell: Tell = (line) => {
  process.stdout.write(`${line}\n`);
};

function main(): Promise<void> {
  return isOnce() ? playOnce() : keepRunning();
}

function isOnce(): boolean {
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

async function playOnce(): Promise<void> {
  const stage = await setStage();
  try {
    await play(stage, tell);
  } finally {
    await stage.stop();
  }
  tell("\nAll of this really happened, over HTTP, against stand-ins on this machine.");
}

async function keepRunning(): Promise<void> {
  // Before the start, so that a stop in the middle of it leaves nothing behind.
  const stopped = new Promise<void>((resolve) => {
    // More than once: after Ctrl+C npm passes on the signal that the terminal has sent to all.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, resolve);
  });
  // npm passes on SIGTERM and SIGINT, but can end in other ways.
  const orphaned = parentEnded();
  const demo = await startLiveDemo();
  tell("The demo is running, on this machine only, until you press Ctrl+C.");
  tell(`The server's own pages: ${demo.serverUrl} (operator pages: any name, password ${demo.password})`);
  tell("Open this in a browser:");
  tell(demo.url);
  await Promise.race([stopped, orphaned]);
  await demo.stop();
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe demo failed: ${sentenceOf(error)}\n`);
  process.exit(1);
});
