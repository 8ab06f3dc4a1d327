import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { sharedNow } from "../clock.ts";
import { withConnections } from "./connection.ts";
import { createRequests } from "./deliveries.ts";
import type { DripReport, dripOrder, floodOrder, inTurnOrder, Report } from "./order.ts";
import { createTally } from "./tally.ts";

/** A timer may be late by a little more than a millisecond; the rest of the time is waited for awake. */
const AWAKE_MS = 1.5;

export function flood(order: z.infer<typeof floodOrder>): Promise<Report> {
  const nextRequest = createRequests(order);
  return withConnections([order.url, ...order.others], order.connections, async (connections) => {
    const tally = createTally();
    const endsAt = performance.now() + order.ms;
    let left = order.count;
    await Promise.all(
      connections.map(async ({ exchange }) => {
        for (let sentAt = performance.now(); left > 0 && sentAt < endsAt; sentAt = performance.now()) {
          left -= 1;
          tally.note(await exchange(nextRequest().text), performance.now() - sentAt);
        }
      }),
    );
    return tally.report();
  });
}

/**
 * Whichever connection is free takes the next delivery and waits until it is due. When none is free in time, the
 * delivery goes out late, and the delay counts: a server that stalls cannot keep deliveries from being measured.
 */
export function drip(order: z.infer<typeof dripOrder>): Promise<DripReport> {
  const nextRequest = createRequests(order);
  const everyMs = 1000 / order.perSecond;
  return withConnections([order.url, ...order.others], order.connections, async (connections) => {
    const tally = createTally();
    const startedAt = performance.now();
    const endsAt = startedAt + order.ms;
    const toShared = sharedNow() - performance.now();
    const dueTimes: [place: string, at: number][] = [];
    let taken = 0;
    const takeDueTime = () => {
      taken += 1;
      return startedAt + taken * everyMs;
    };
    await Promise.all(
      connections.map(async ({ exchange }) => {
        for (let dueAt = takeDueTime(); dueAt < endsAt; dueAt = takeDueTime()) {
          await until(dueAt);
          const { place, text } = nextRequest();
          dueTimes.push([place, dueAt + toShared]);
          tally.note(await exchange(text), performance.now() - dueAt);
        }
      }),
    );
    return { ...tally.report(), dueAt: Object.fromEntries(dueTimes) };
  });
}

/** Milliseconds for each request, sent when the one before was answered. Throws unless its status is 2xx. */
export function inTurn({ url, requests }: z.infer<typeof inTurnOrder>): Promise<number[]> {
  return withConnections([url], 1, async ([connection]) => {
    const times: number[] = [];
    for (const request of requests) {
      const startedAt = performance.now();
      const answer = await connection?.exchange(request);
      if (!answer?.startsWith("2")) throw new Error(`${url} answered ${answer}.`);
      times.push(performance.now() - startedAt);
    }
    return times;
  });
}

async function until(at: number): Promise<void> {
  const sleepMs = at - performance.now() - AWAKE_MS;
  if (sleepMs > 0) await sleep(sleepMs);
  while (performance.now() < at) await nextTurn();
}
