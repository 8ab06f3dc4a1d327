import type { Exchange } from "../../sandbox/exchanges.ts";

const MOST_KEPT = 40;

export type ExchangeLog = {
  note(exchange: Exchange): void;
  newestFirst(): Exchange[];
  /** Whether one has ended without an answer, or with one that says that it failed. */
  hasFailed(): boolean;
};

/** The latest exchanges; one that is noted again takes the place of what was known of it. */
export function createExchangeLog(): ExchangeLog {
  const kept = new Map<Exchange["id"], Exchange>();
  let hasFailed = false;
  return {
    note(exchange) {
      kept.set(exchange.id, exchange);
      hasFailed ||= exchange.ms !== null && (exchange.status === null || exchange.status >= 400);
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    },
    newestFirst: () => [...kept.values()].reverse(),
    hasFailed: () => hasFailed,
  };
}
