import { onTestFinished } from "vitest";
import { type Environment, readConfig } from "../../src/config/config.ts";
import { isForOperator, sentenceOf } from "../../src/errors.ts";
import { type Overrides, type RunningServer, startServer } from "../../src/server.ts";
import { newDatabaseUrl } from "./database.ts";
import { createLogSink, type LogSink } from "./log.ts";

export type TestServer = RunningServer & { sink: LogSink };

/** The whole server on a free port of this machine, with a database of its own; stopped when the test is finished. */
export async function startTestServer(
  environment: Environment = {},
  overrides: Omit<Overrides, "log"> = {},
): Promise<TestServer> {
  const sink = createLogSink();
  const config = readConfig({
    DATABASE_URL: await newDatabaseUrl(),
    PORT: "0",
    ...environment,
  });
  const server = await startServer(config, { ...overrides, log: sink.log });
  onTestFinished(server.stop);
  return { ...server, sink };
}

/** The sentence for the operator with which a server does not start; main.test.ts is for how its process ends. */
export async function startRefusal(environment: Environment): Promise<string> {
  const error = await startTestServer(environment).then(
    () => new Error("the server has started"),
    (reason: unknown) => reason,
  );
  if (!isForOperator(error)) throw error;
  return sentenceOf(error);
}
