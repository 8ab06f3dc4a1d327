import type { Installations } from "../../store/store.ts";

const GOOD_FOR_MS = 1000;

export type Counts = { all: number; needingReinstall: number };

/** How many installations there are, counted at most once a second however many ask: anybody may. */
export function createCounts(installations: Pick<Installations, "countByState">) {
  let latest: Promise<Counts> | null = null;
  let goodUntil = 0;

  async function count(): Promise<Counts> {
    const { ok, needs_reinstall, unreadable } = await installations.countByState();
    const needingReinstall = needs_reinstall + unreadable;
    return { all: ok + needingReinstall, needingReinstall };
  }

  return {
    /** Throws StoreError. */
    read(): Promise<Counts> {
      if (latest === null || performance.now() >= goodUntil) {
        latest = count();
        goodUntil = performance.now() + GOOD_FOR_MS;
      }
      return latest;
    },
    /** To be called after an installation, so that the next page shows it. */
    forget(): void {
      latest = null;
    },
  };
}
