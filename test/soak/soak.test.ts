import { execFile } from "node:child_process";
import { expect, test } from "vitest";
import { COMPILE_CACHE } from "../support/process.ts";

/** Few, yet each sender is there in each window. */
const REQUESTS = "3000";
/** Above what comes and goes in the engine, a few dozen bytes at so few requests. */
const MOST_BYTES = 70;

/** On a machine that is busy with other things. */
const PATIENCE = { timeout: 120_000 };

/** Keeps 100 bytes of each request that the process gets. */
const LEAK = `
  import { randomBytes } from "node:crypto";
  import { subscribe } from "node:diagnostics_channel";
  const kept = (globalThis.kept = []);
  subscribe("http.server.request.start", () => kept.push(randomBytes(50).toString("hex")));`;

/** Bytes of each delivery that stay, by a soak in a process of its own: what else this one does would count, too. */
function bytesKept(...flags: string[]): Promise<number> {
  const program = ["--require", "./src/boot.cjs", "--expose-gc", ...flags, "test/soak/main.ts"];
  return new Promise((resolve, reject) => {
    // It exits with 1 above what so few requests can tell of.
    execFile(
      process.execPath,
      [...program, "--requests", REQUESTS],
      { env: COMPILE_CACHE },
      (_, out, err) => {
        const [, bytes] = /: (-?[\d.]+) bytes of each stay in memory\.\n$/.exec(out) ?? [];
        if (bytes === undefined) reject(new Error(`The soak has not ended well: ${out}${err}`));
        else resolve(Number(bytes));
      },
    );
  });
}

test("thousands of refused deliveries leave nothing behind in memory", PATIENCE, async () => {
  expect(await bytesKept()).toBeLessThan(MOST_BYTES);
});

test("a server that keeps 100 bytes of each delivery would not pass", PATIENCE, async () => {
  expect(await bytesKept("--import", `data:text/javascript,${encodeURIComponent(LEAK)}`)).toBeGreaterThan(
    MOST_BYTES,
  );
});
