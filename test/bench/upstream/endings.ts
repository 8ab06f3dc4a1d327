import { setTimeout as sleep } from "node:timers/promises";
import { sharedNow } from "../clock.ts";

/** The last call of each kind of reaction, and where its body holds the id of the delivery that asked for it. */
const LAST_CALLS: Readonly<Record<string, RegExp>> = {
  remove_from_chat: /"chat_id":"(\d{12})"/,
  "POST /messages": /"roomId":"ROOM(\d{12})"/,
};
const LOOK_EVERY_MS = 20;

/** When the reactions to the load's deliveries have ended. */
export function createEndings() {
  const endedAt = new Map<string, number>();

  return {
    note(call: string, body: string): void {
      const id = LAST_CALLS[call]?.exec(body)?.[1];
      if (id !== undefined) endedAt.set(id, sharedNow());
    },
    reset: () => endedAt.clear(),
    /** Times on the shared clock by the delivery's id, once all of these have ended or after `patienceMs` those that have. */
    async of(ids: readonly string[], patienceMs: number): Promise<Record<string, number>> {
      const until = performance.now() + patienceMs;
      while (performance.now() < until && !ids.every((id) => endedAt.has(id))) await sleep(LOOK_EVERY_MS);
      const asked = new Set(ids);
      return Object.fromEntries([...endedAt].filter(([id]) => asked.has(id)));
    },
  };
}
