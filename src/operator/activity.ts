import { z } from "zod";
import { sentenceOf } from "../errors.ts";
import type { JsonObject } from "../job.ts";
import type { Log } from "../log.ts";
import type { Observer } from "../observer.ts";
import { createRounds } from "../rounds.ts";
import type { MinuteCounts } from "../store/store.ts";
import {
  createReactionTimes,
  type ReactionSummary,
  type ReactionTimes,
  summaryOf,
} from "./reaction-times.ts";

const MINUTE_MS = 60_000;
const MINUTES = 60;
/** How often a server writes down what it has counted, for the others. */
const SHARE_EVERY_MS = 5000;

/** How deliveries are answered; "refused" stands for everything else. */
export const DELIVERY_KINDS = ["accepted", "duplicate", "ignored", "refused"] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];
export type DeliveryCounts = Readonly<Record<DeliveryKind, number>>;

export type Minute = {
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  readonly deliveries: DeliveryCounts;
  /** null: none. */
  readonly reactions: ReactionSummary | null;
};

export type LastHour = {
  /** When the first of the servers started, in ms since 1970, at most an hour ago. Nothing is known about the time before. */
  readonly since: number;
  /** Whether what was counted outlives the server. */
  readonly isKept: boolean;
  /** 60 minutes, the oldest first; the last one is not over yet. */
  readonly minutes: readonly Minute[];
  /** Over the whole hour; null: none. */
  readonly reactions: ReactionSummary | null;
};

export type Activity = Pick<Observer, "deliveryAnswered" | "attemptEnded"> & {
  /** That of all servers. Throws StoreError. */
  lastHour(): Promise<LastHour>;
  /** Begins to share it with other servers. */
  start(): void;
  /** Shares what is left. */
  stop(): Promise<void>;
};

export type ActivityOptions = {
  /** What each server has counted. */
  shared: MinuteCounts;
  log: Log;
  /** Milliseconds since 1970. */
  now?: () => number;
};

type Slot = {
  readonly minute: number;
  readonly deliveries: Record<DeliveryKind, number>;
  readonly reactions: ReactionTimes;
};

/** Counts what happened in the last hour, minute by minute, in a fixed amount of memory. */
export function createActivity({ shared, log, now = Date.now }: ActivityOptions): Activity {
  const since = now();
  // Each minute replaces the one an hour before it.
  const slots: (Slot | undefined)[] = Array.from({ length: MINUTES });
  /** Minutes that have changed since they were shared. */
  const changed = new Set<number>();
  const rounds = createRounds(SHARE_EVERY_MS, share);

  function current(): Slot {
    const minute = minuteOf(now());
    changed.add(minute);
    const known = slots[minute % MINUTES];
    if (known?.minute === minute) return known;
    const slot = emptySlot(minute);
    slots[minute % MINUTES] = slot;
    return slot;
  }

  async function share(): Promise<void> {
    try {
      for (const minute of changed) {
        // Before it is written: what is counted meanwhile is written next time.
        changed.delete(minute);
        const slot = slots[minute % MINUTES];
        if (slot?.minute === minute) await shared.write(minute, countsFrom(slot));
      }
    } catch (error) {
      log.debug(`What was counted could not be shared with other servers: ${sentenceOf(error)}`);
    }
  }

  return {
    deliveryAnswered(_platform, answer) {
      current().deliveries[kindOf(answer)] += 1;
    },
    attemptEnded({ acceptedAt }, end) {
      if (end === "done") current().reactions.add(now() - acceptedAt);
    },
    async lastHour() {
      const first = minuteOf(now()) - MINUTES + 1;
      const others = await shared.ofOthers(first);
      const slotsOf = (minute: number) => [
        ...slots.filter((slot) => slot?.minute === minute),
        ...others.counts.filter((one) => one.minute === minute).map(slotFrom),
      ];
      const hour = Array.from({ length: MINUTES }, (_, index) => first + index);
      const all = hour.map((minute) =>
        together(
          minute,
          slotsOf(minute).filter((slot) => slot !== undefined),
        ),
      );
      return {
        since: Math.min(since, others.since ?? since),
        isKept: shared.areKept,
        minutes: all.map(minuteFrom),
        reactions: summaryOf(all.map(({ reactions }) => reactions)),
      };
    },
    start: () => rounds.start(SHARE_EVERY_MS),
    async stop() {
      await rounds.stop();
      await share();
    },
  };
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

function emptySlot(minute: number): Slot {
  return {
    minute,
    deliveries: { accepted: 0, duplicate: 0, ignored: 0, refused: 0 },
    reactions: createReactionTimes(),
  };
}

function kindOf(answer: string): DeliveryKind {
  return DELIVERY_KINDS.find((kind) => kind === answer) ?? "refused";
}

function together(minute: number, slots: readonly Slot[]): Slot {
  const sum = emptySlot(minute);
  for (const { deliveries, reactions } of slots) {
    for (const kind of DELIVERY_KINDS) sum.deliveries[kind] += deliveries[kind];
    for (const [ms, count] of reactions.entries()) sum.reactions.add(ms, count);
  }
  return sum;
}

function minuteFrom({ minute, deliveries, reactions }: Slot): Minute {
  return { startsAt: minute * MINUTE_MS, deliveries, reactions: summaryOf([reactions]) };
}

function countsFrom({ deliveries, reactions }: Slot): JsonObject {
  return { deliveries, reactions: reactions.entries() };
}

const count = z.number().int().min(0);
const sharedCounts = z.object({
  deliveries: z.object({ accepted: count, duplicate: count, ignored: count, refused: count }),
  reactions: z.array(z.tuple([count, count])),
});

/** What another server has counted; nothing if that cannot be read. */
function slotFrom({ minute, counts }: { minute: number; counts: JsonObject }): Slot {
  const slot = emptySlot(minute);
  const { data } = sharedCounts.safeParse(counts);
  if (!data) return slot;
  for (const [ms, many] of data.reactions) slot.reactions.add(ms, many);
  return { ...slot, deliveries: data.deliveries };
}
