import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { anInstallation } from "../support/jobs.ts";
import { startLoopback } from "../support/loopback.ts";
import { addressOf, startProcess } from "../support/process.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

const CLIENT_SECRET = "client-secret-invented";
const HOUR_MS = 3_600_000;

/** A database with an installation whose tokens are to be renewed at once. */
async function databaseToRenew(): Promise<string> {
  const path = join(temporaryFolder(), "test.db");
  const store = openTestStore(path, CLIENT_SECRET);
  const now = Date.now();
  await store.installations
    .of("chatio")
    .save(anInstallation({ obtainedAt: now - HOUR_MS, expiresAt: now + 1000 }));
  await store.close();
  return path;
}

test("told to stop while chat.io hangs in a renewal, the process ends in the time that its log names, and keeps the tokens it has", async () => {
  const calls: string[] = [];
  // Takes every call and answers none.
  const chatio = await startLoopback(({ method, url }) => void calls.push(`${method} ${url}`));
  const path = await databaseToRenew();
  const server = startProcess({
    environment: {
      DATABASE_URL: `file:${path}`,
      CHATIO_CLIENT_ID: "client-invented",
      CHATIO_CLIENT_SECRET: CLIENT_SECRET,
      CHATIO_ACCOUNTS_URL: chatio.url,
      CHATIO_API_URL: chatio.url,
    },
  });
  await addressOf(server);
  await vi.waitFor(() => expect(calls).toContain("POST /token"), 5000);

  const toldAt = performance.now();
  server.child.kill("SIGTERM");
  const { code, stdout, stderr } = await server.ended;

  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const tookMs = performance.now() - toldAt;
  expect(tookMs).toBeGreaterThan(8900);
  // Docker kills after 10 s.
  expect(tookMs).toBeLessThan(9900);
  expect(stdout).toContain("Jobs in hand have 9 s to finish.");
  expect(stdout).toContain("Not finished in time");
  const { credentials } =
    (await openTestStore(path, CLIENT_SECRET).installations.of("chatio").find("1520")) ?? {};
  expect(credentials).toEqual(anInstallation().credentials);
}, 20_000);
