import { expect, test } from "vitest";
import { startTestServer } from "../support/server.ts";
import { soak } from "./soak.ts";

test("thousands of refused deliveries leave nothing behind in memory", async () => {
  const { url } = await startTestServer({
    CHATIO_CLIENT_ID: "client-invented",
    CHATIO_CLIENT_SECRET: "secret-invented",
    WT_API_TOKEN: "token-invented",
    WT_API_URL: "http://127.0.0.1:9/v1",
    WT_WEBHOOK_SECRET: "secret-invented",
    LOG_LEVEL: "silent",
  });
  // A kilobyte kept of each of the last 1,250 would be more.
  expect(await soak(url, 2500)).toBeLessThan(1_250_000);
});
