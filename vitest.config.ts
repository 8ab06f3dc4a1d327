import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Of these each takes long: begun last, one would keep all others waiting. */
const LONGEST = [
  "chaos/chaos",
  "chaos/servers",
  "browser/demo",
  "bench/bench",
  "flows/killed-livechat",
  "flows/two-processes",
  "flows/locked-database",
  "flows/database-files",
  "flows/tokens",
  "browser/pages",
  "flows/stop",
  "flows/faults-livechat",
  "flows/one-server",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) =>
      LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`)) >>> 0;
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

/** In memory, if there is room: the databases of most tests are written more than they are read. */
function temporaryFolder(): string {
  const inMemory = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize > 1e9 ? inMemory : tmpdir();
  } catch {
    return tmpdir();
  }
}

export default defineConfig(({ mode }) => ({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    // On a busy machine an answer may take longer than the second that is usual.
    expect: { poll: { timeout: 10_000 } },
    setupFiles: ["test/support/patience.ts", "test/support/network-as-it-is.ts"],
    globalSetup: ["test/browser/setup.ts", "test/support/postgres-setup.ts"],
    // Most tests wait for answers or for the disk rather than for a processor.
    maxWorkers: 4,
    // Files share their workers: a fresh one for each costs more than the tests themselves.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    env: {
      TMPDIR: temporaryFolder(),
      // npm run test-postgres: the servers of the flows keep everything in PostgreSQL.
      ...(mode === "postgres" && { TEST_STORE: "postgres" }),
      // For the processes that tests start.
      NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".cache", "node"),
    },
    // The soak test looks at what is left in memory once everything that is not needed is gone.
    execArgv: ["--expose-gc"],
    // Not by itself, since it takes as long again: npm run coverage.
    coverage: {
      include: ["src/**/*.ts"],
      reporter: ["text-summary"],
      thresholds: { lines: 90 },
    },
  },
}));
