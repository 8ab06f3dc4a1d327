import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Environment, readConfig } from "../../src/config/config.ts";
import { type Overrides, type RunningServer, startServer } from "../../src/server.ts";
import { createLogSink, type LogSink } from "./log.ts";
import { temporaryFolder } from "./store.ts";

export type TestServer = RunningServer & { sink: LogSink };

/** The whole server on a free port of this machine, with a database of its own; stopped when the test is finished. */
export async function startTestServer(
  environment: Environment = {},
  overrides: Omit<Overrides, "log"> = {},
): Promise<TestServer> {
  const sink = createLogSink();
  const config = readConfig({
    DATABASE_URL: `file:${join(temporaryFolder(), "test.db")}`,
    PORT: "0",
    ...environment,
  });
  const server = await startServer(config, { ...overrides, log: sink.log });
  onTestFinished(server.stop);
  return { ...server, sink };
}
