import { readConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { type RunningServer, startServer } from "../../src/server.ts";
import { UNREACHABLE_WEBEX } from "../support/settings.ts";

/** A server with both platforms, of which nothing exists, and a log that is written and not kept. */
export function startSoakServer(databasePath: string): Promise<RunningServer> {
  const config = readConfig({
    PORT: "0",
    DATABASE_URL: `file:${databasePath}`,
    CHATIO_CLIENT_ID: "client-invented",
    CHATIO_CLIENT_SECRET: "secret-invented",
    ...UNREACHABLE_WEBEX,
    WT_WEBHOOK_SECRET: "secret-invented",
  });
  return startServer(config, { log: createLog("info", { write: () => undefined }) });
}
