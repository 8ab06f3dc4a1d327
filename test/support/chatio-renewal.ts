import { onTestFinished, vi } from "vitest";
import type { ChatioInstallation } from "../../src/platforms/chatio/installation.ts";
import { createRenewal } from "../../src/platforms/keyword-bot/renewal.ts";
import type { Installations } from "../../src/store/store.ts";
import { createKeeperDesk } from "./chatio-tokens.ts";
import { stopClock } from "./clock.ts";

export const HOUR_MS = 3_600_000;
/** What passes between two looks of these tests. The renewal itself looks more often. */
const ROUND_MS = 15_000;

/** Tokens whose time has come. */
export const overdue = () => ({ obtainedAt: Date.now() - HOUR_MS, expiresAt: Date.now() });

/** A renewal over one installation, with a clock that stands still between rounds. */
export async function createRenewalDesk(
  overrides: () => Partial<ChatioInstallation> = () => ({}),
  otherwise: Partial<Installations> = {},
) {
  stopClock();
  const desk = await createKeeperDesk(overrides());
  const installations = { ...desk.installations, ...otherwise };
  const renewal = createRenewal({ tokens: desk.tokens, installations, log: desk.sink.log });
  onTestFinished(() => renewal.stop());

  const roundEnds = desk.client.idle;

  return {
    ...desk,
    renewal,
    async start() {
      renewal.start();
      await roundEnds();
    },
    async rounds(count = 1, roundMs = ROUND_MS) {
      for (let round = 0; round < count; round += 1) {
        // Async: the renewal looks each second of it, by the clock of that second.
        await vi.advanceTimersByTimeAsync(roundMs);
        await roundEnds();
      }
    },
    refreshes: () => desk.client.calls.filter((call) => call.startsWith("refresh")),
  };
}
