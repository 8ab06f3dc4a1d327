import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { readConfig } from "../../src/config.ts";
import { startServer } from "../../src/server.ts";
import { strict, wholeNumber } from "../chaos/whole-number.ts";
import { soak } from "./soak.ts";

const MOST_BYTES = 2_000_000;

const { requests } = strict(new Command("npm run soak --"))
  .description("Floods the server with forged deliveries and looks at its memory.")
  .option("--requests <number>", "how many", wholeNumber, 50_000)
  .parse()
  .opts<{ requests: number }>();

const folder = mkdtempSync(join(tmpdir(), "chatops-soak-"));
const server = await startServer(
  readConfig({
    PORT: "0",
    DATABASE_URL: `file:${join(folder, "soak.db")}`,
    CHATIO_CLIENT_ID: "client-invented",
    CHATIO_CLIENT_SECRET: "secret-invented",
    WT_API_TOKEN: "token-invented",
    WT_API_URL: "http://127.0.0.1:9/v1",
    WT_WEBHOOK_SECRET: "secret-invented",
    LOG_LEVEL: "silent",
  }),
);
const grown = await soak(server.url, requests);
await server.stop();
rmSync(folder, { recursive: true });
process.stdout.write(`${requests} requests; the heap has grown by ${grown} bytes in the second half.\n`);
process.exitCode = grown <= MOST_BYTES ? 0 : 1;
