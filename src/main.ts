import { readProcessConfig } from "./config.ts";
import { startServer } from "./server.ts";

/** Runs until the process is told to stop. */
async function main(): Promise<void> {
  if (process.argv.length > 2) {
    process.stderr.write("npm start takes no arguments: settings come from the environment and from .env.\n");
    process.exit(2);
  }
  const server = await startServer(await readProcessConfig());
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    server.stop().then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/** A wrong setting ends in its sentence; a mistake of ours keeps its stack. */
function fail(error: unknown): void {
  const isForOperator = error instanceof Error && error.name === "ConfigError";
  process.stderr.write(
    `${isForOperator ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}

main().catch(fail);
