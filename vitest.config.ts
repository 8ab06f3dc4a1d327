import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    // On a busy machine an answer may take longer than the second that is usual.
    expect: { poll: { timeout: 10_000 } },
    setupFiles: ["test/support/patience.ts", "test/support/network-as-it-is.ts"],
    globalSetup: ["test/browser/setup.ts"],
    // Most tests wait for answers or for the disk rather than for a processor.
    maxWorkers: 4,
    // Files share their workers: a fresh one for each costs more than the tests themselves.
    isolate: false,
    // For the processes that tests start.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".cache", "node") },
    // The soak test looks at what is left in memory once everything that is not needed is gone.
    execArgv: ["--expose-gc"],
    coverage: {
      enabled: true,
      include: ["src/**/*.ts"],
      reporter: ["text-summary"],
      thresholds: { lines: 90 },
    },
  },
});
