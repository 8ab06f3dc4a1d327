import type { Exchange } from "../exchanges.ts";

const MOST_KEPT = 40;

export type ExchangeLog = { note(exchange: Exchange): void; newestFirst(): Exchange[] };

/** The latest exchanges; one that is noted again takes the place of what was known of it. */
export function createExchangeLog(): ExchangeLog {
  const kept = new Map<Exchange["id"], Exchange>();
  return {
    note(exchange) {
      kept.set(exchange.id, exchange);
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    },
    newestFirst: () => [...kept.values()].reverse(),
  };
}
