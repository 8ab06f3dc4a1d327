import { readProcessConfig } from "./config/config.ts";
import { isForOperator, sentenceOf } from "./errors.ts";
import { startServer } from "./server.ts";

const USAGE = `Usage: npm start

Starts the server. It takes no arguments: settings come from the environment and from .env; .env.example explains each.
`;

/** Runs the server until the process gets SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const words = process.argv.slice(2);
  if (words.includes("--help") || words.includes("-h")) {
    process.stdout.write(USAGE);
    return;
  }
  if (words.length > 0) {
    process.stderr.write("npm start takes no arguments: settings come from the environment and from .env.\n");
    process.exit(2);
  }
  const started = readProcessConfig().then((config) => startServer(config));
  let stopping = false;
  // A signal during the start takes effect after it, when everything that must be closed exists.
  const stop = () => {
    if (stopping) return;
    stopping = true;
    started.then((server) => server.stop()).then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await started;
}

/** Prints only the message of a wrong setting or an unusable database; a bug of ours keeps its stack. */
function fail(error: unknown): void {
  const complaint = isForOperator(error) || !(error instanceof Error) ? sentenceOf(error) : error.stack;
  process.stderr.write(`${complaint}\n`);
  process.exit(1);
}

main().catch(fail);
