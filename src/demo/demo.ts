import { parseArgs } from "node:util";
import { sentenceOf } from "../errors.ts";
import { startLiveDemo } from "./live/demo.ts";
import { parentEnded } from "./parent-ended.ts";
import { play, type Tell } from "./play.ts";
import { setStageOfSeveral } from "./several.ts";
import { setStage } from "./stage.ts";

/** Their numbers have one digit. */
const MOST_SERVERS = 9;

const USAGE = `Usage: npm run demo [-- --once] [--servers N]
  --once       play once and exit
  --servers N  N servers, at most ${MOST_SERVERS}, on one PostgreSQL of their own
`;

const tell: Tell = (line) => {
  process.stdout.write(`${line}\n`);
};

function main(): Promise<void> {
  const { once, servers } = readArguments();
  return once ? playOnce(servers) : keepRunning(servers);
}

function readArguments(): { once: boolean; servers: number } {
  try {
    const flag = { type: "boolean", default: false } as const;
    const options = { once: flag, help: flag, servers: { type: "string", default: "1" } } as const;
    const { values } = parseArgs({ options });
    if (!values.help) return { once: values.once, servers: countOf(values.servers) };
    tell(USAGE.trimEnd());
    return process.exit(0);
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n${USAGE}`);
    return process.exit(2);
  }
}

function countOf(text: string): number {
  const count = /^\d$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MOST_SERVERS)
    throw new Error(`--servers must be a whole number from 1 to ${MOST_SERVERS}, not “${text}”`);
  return count;
}

async function playOnce(servers: number): Promise<void> {
  const stage = await (servers === 1 ? setStage() : setStageOfSeveral(servers));
  try {
    await play(stage, tell);
  } finally {
    await stage.stop();
  }
  const through = servers === 1 ? "" : ` through ${servers} servers on one PostgreSQL,`;
  tell(`\nAll of this really happened, over HTTP,${through} against stand-ins on this machine.`);
}

async function keepRunning(servers: number): Promise<void> {
  // Before the start, so that a stop in the middle of it leaves nothing behind.
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    // More than once: after Ctrl+C npm passes on the signal that the terminal has sent to all.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
  });
  // npm passes on SIGTERM and SIGINT, but can end in other ways.
  const orphaned = parentEnded();
  const demo = await startLiveDemo({}, servers);
  const onWhat = servers === 1 ? "" : ` with ${servers} servers on one PostgreSQL`;
  tell(`The demo is running${onWhat}, on this machine only. Open this in a browser:\n`);
  tell(`  ${demo.url}\n`);
  tell(`The server's own pages: ${demo.serverUrl} (operator pages: any name, password ${demo.password})`);
  tell("To stop, press Ctrl+C.");
  const end = await Promise.race([stopped, orphaned]);
  await demo.stop();
  // Otherwise the terminal is gone.
  if (end === "SIGINT") tell("\nThe demo has ended. Nothing of it is left on this machine.");
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe demo failed: ${sentenceOf(error)}\n`);
  process.exit(1);
});
