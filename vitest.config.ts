import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    // Most tests wait for answers or for the disk rather than for a processor.
    maxWorkers: 4,
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
