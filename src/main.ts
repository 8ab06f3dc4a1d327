import { readProcessConfig } from "./config/config.ts";
import { startServer } from "./server.ts";

/** Runs until the process is told to stop. */
async function main(): Promise<void> {
  if (process.argv.length > 2) {
    process.stderr.write("npm start takes no arguments: settings come from the environment and from .env.\n");
    process.exit(2);
  }
  const started = readProcessConfig().then((config) => startServer(config));
  let stopping = false;
  // Told to stop while it still starts, it gets to its end first: then everything is there that has to be closed.
  const stop = () => {
    if (stopping) return;
    stopping = true;
    started.then((server) => server.stop()).then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await started;
}

/** A wrong setting or a database that cannot be used ends in its sentence; a mistake of ours keeps its stack. */
function fail(error: unknown): void {
  const isForOperator = error instanceof Error && ["ConfigError", "StoreError"].includes(error.name);
  process.stderr.write(
    `${isForOperator ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}

main().catch(fail);
