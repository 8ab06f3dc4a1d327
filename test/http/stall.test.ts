import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setImmediate as afterPolling, setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createCaller } from "../support/caller.ts";

/** A server that answers only "/v1/soon", after 100 ms; its own process keeps running while this one stands still. */
const SERVER = `
  const server = require("node:http").createServer((req, res) => {
    if (req.url === "/soon") setTimeout(() => res.end('"done"'), 100);
  });
  server.listen(0, "127.0.0.1", () => process.stdout.write(String(server.address().port)));`;

async function startElsewhere(): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, ["-e", SERVER], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const [port] = child.stdout ? await once(child.stdout, "data") : [];
  return `http://127.0.0.1:${String(port)}`;
}

/** As if the process had been stopped (SIGSTOP) or its machine suspended for this many milliseconds. */
async function standStill(ms: number): Promise<void> {
  // Afterwards, timers run before what has arrived is read.
  await afterPolling();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test.each([
  ["long", 1700, 500],
  ["just", 700, 400],
])(
  "an answer that arrived while the process stood still is read, although its time is %s over",
  async (_how, ms, timeoutMs) => {
    const call = createCaller({ baseUrl: await startElsewhere(), timeoutMs });
    expect(await call({ path: "/soon" })).toBe("done");
    const answer = call({ path: "/soon" });
    await sleep(20);
    await standStill(ms);
    expect(await answer).toBe("done");
  },
);

test("a call that is never answered fails about a second after a standstill", async () => {
  const call = createCaller({ baseUrl: await startElsewhere(), timeoutMs: 500 });
  const answer = call({ path: "/never" }).catch((error: unknown) => error);
  await sleep(20);
  await standStill(1700);
  const since = performance.now();
  expect(await answer).toMatchObject({ status: null, retryable: true });
  expect(performance.now() - since).toBeGreaterThan(900);
});
