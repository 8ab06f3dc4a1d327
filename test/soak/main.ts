import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { strict, wholeNumber } from "../chaos/whole-number.ts";
import { startSoakServer } from "./server.ts";
import { soak } from "./soak.ts";

const MOST_BYTES = 20;

const { requests } = strict(new Command("npm run soak --"))
  .description("Floods the server with forged deliveries and looks at its memory.")
  .option("--requests <number>", "how many", wholeNumber, 50_000)
  .parse()
  .opts<{ requests: number }>();

const folder = mkdtempSync(join(tmpdir(), "chatops-soak-"));
const server = await startSoakServer(join(folder, "soak.db"));
const kept = await soak(server.url, requests);
await server.stop();
rmSync(folder, { recursive: true });
process.stdout.write(`${requests} forged deliveries: ${kept.toFixed(1)} bytes of each stay in memory.\n`);
process.exitCode = kept <= MOST_BYTES ? 0 : 1;
