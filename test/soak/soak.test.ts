import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startLoopback } from "../support/loopback.ts";
import { temporaryFolder } from "../support/store.ts";
import { startSoakServer } from "./server.ts";
import { soak } from "./soak.ts";

const REQUESTS = 12_000;
/** Above what comes and goes in the engine, a few dozen bytes at so few requests. */
const MOST_BYTES = 70;

/** On a machine that is busy with other things. */
const PATIENCE = { timeout: 120_000 };

test("thousands of refused deliveries leave nothing behind in memory", PATIENCE, async () => {
  const { url, stop } = await startSoakServer(join(temporaryFolder(), "soak.db"));
  onTestFinished(stop);

  expect(await soak(url, REQUESTS)).toBeLessThan(MOST_BYTES);
});

test("a server that keeps 100 bytes of each delivery would not pass", PATIENCE, async () => {
  const kept: string[] = [];
  const { url } = await startLoopback((req, res) => {
    req.resume();
    kept.push(randomBytes(50).toString("hex"));
    res.writeHead(401).end();
  });

  expect(await soak(url, REQUESTS / 2)).toBeGreaterThan(MOST_BYTES);
  expect(kept.length).toBeGreaterThanOrEqual(REQUESTS / 2);
});
