import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Observer } from "../observer.ts";

const MINUTE_MS = 60_000;
const MINUTES = 60;
const LONGEST_MS = 3_600_000;

/** How deliveries are answered; "refused" stands for everything else. */
export const DELIVERY_KINDS = ["accepted", "duplicate", "ignored", "refused"] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];
export type DeliveryCounts = Readonly<Record<DeliveryKind, number>>;

/** How long jobs took from being accepted to being done: the median and 95th percentile in ms. */
export type Reactions = { readonly count: number; readonly medianMs: number; readonly p95Ms: number };

export type Minute = {
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  readonly deliveries: DeliveryCounts;
  /** null: none. */
  readonly reactions: Reactions | null;
};

export type LastHour = {
  /** When counting started, in ms since 1970. Nothing is known about the time before. */
  readonly since: number;
  /** 60 minutes, the oldest first; the last one is not over yet. */
  readonly minutes: readonly Minute[];
  /** Over the whole hour; null: none. */
  readonly reactions: Reactions | null;
};

export type Activity = Pick<Observer, "deliveryAnswered" | "attemptEnded"> & {
  lastHour(): LastHour;
};

type Slot = {
  readonly minute: number;
  readonly deliveries: Record<DeliveryKind, number>;
  reactions: RecordableHistogram | null;
};

/** Counts what happened in the last hour, minute by minute, in a fixed amount of memory. `now` returns ms since 1970. */
export function createActivity(now: () => number = Date.now): Activity {
  const since = now();
  // Each minute replaces the one an hour before it.
  const slots: (Slot | undefined)[] = Array.from({ length: MINUTES });

  function current(): Slot {
    const minute = minuteOf(now());
    const known = slots[minute % MINUTES];
    if (known?.minute === minute) return known;
    const slot: Slot = { minute, deliveries: none(), reactions: null };
    slots[minute % MINUTES] = slot;
    return slot;
  }

  function slotAt(minute: number): Slot {
    const slot = slots[minute % MINUTES];
    return slot?.minute === minute ? slot : { minute, deliveries: none(), reactions: null };
  }

  return {
    deliveryAnswered(_platform, answer) {
      current().deliveries[kindOf(answer)] += 1;
    },
    attemptEnded({ acceptedAt }, end) {
      if (end !== "done") return;
      const slot = current();
      slot.reactions ??= newHistogram();
      slot.reactions.record(Math.min(Math.max(Math.round(now() - acceptedAt), 1), LONGEST_MS));
    },
    lastHour() {
      const last = minuteOf(now());
      const hour = Array.from({ length: MINUTES }, (_, index) => slotAt(last - MINUTES + 1 + index));
      return { since, minutes: hour.map(minuteFrom), reactions: reactionsOf(together(hour)) };
    },
  };
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

function none(): Record<DeliveryKind, number> {
  return { accepted: 0, duplicate: 0, ignored: 0, refused: 0 };
}

function kindOf(answer: string): DeliveryKind {
  return DELIVERY_KINDS.find((kind) => kind === answer) ?? "refused";
}

/** Two significant figures are enough for a plot, and keep a histogram at about 20 kB. */
function newHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: LONGEST_MS, figures: 2 });
}

function together(slots: readonly Slot[]): RecordableHistogram {
  const all = newHistogram();
  for (const { reactions } of slots) if (reactions) all.add(reactions);
  return all;
}

function minuteFrom({ minute, deliveries, reactions }: Slot): Minute {
  return {
    startsAt: minute * MINUTE_MS,
    deliveries: { ...deliveries },
    reactions: reactions && reactionsOf(reactions),
  };
}

function reactionsOf(histogram: RecordableHistogram): Reactions | null {
  const { count } = histogram;
  if (count === 0) return null;
  return { count, medianMs: histogram.percentile(50), p95Ms: histogram.percentile(95) };
}
