import { setImmediate as nextTurn } from "node:timers/promises";
import { withConnections } from "../bench/load/connection.ts";
import { post } from "../bench/load/deliveries.ts";
import { anIncomingEvent, aWebexDelivery } from "../support/deliveries.ts";

const AT_ONCE = 32;
const WINDOWS = 8;
/** Until code is compiled and caches are full. */
const WARM_UP_WINDOWS = 4;
/** So many senders take turns, all of whom are there in each window. */
const SENDERS = 250;

/**
 * Floods a server with deliveries that it has to refuse, by half for each platform, and tells how many bytes of each it
 * keeps in memory (that of this process, which it has to run in). They come in windows. Of what each has added after the
 * warm-up the lower quartile counts: the engine, and what else runs in this process, grows now and then; a leak, in every window.
 */
export async function soak(url: string, requests: number): Promise<number> {
  const perWindow = Math.ceil(requests / (WARM_UP_WINDOWS + WINDOWS));
  const forged = forgedDeliveries(new URL(url).host);

  return withConnections([url], AT_ONCE, async (connections) => {
    async function flood(): Promise<void> {
      const lanes = connections.map(async ({ exchange }, lane) => {
        for (let n = lane; n < perWindow; n += AT_ONCE) {
          const answer = await exchange(forged[n % forged.length] ?? "");
          if (!/^(401|429) /.test(answer)) throw new Error(`A forged delivery was answered ${answer}.`);
        }
      });
      await Promise.all(lanes);
    }

    for (let window = 0; window < WARM_UP_WINDOWS; window += 1) await flood();
    const growths: number[] = [];
    for (let before = await kept(); growths.length < WINDOWS; ) {
      await flood();
      const after = await kept();
      growths.push(after - before);
      before = after;
    }
    return lowerQuartileOf(growths) / perWindow;
  });
}

/** One from each sender, by half for each platform. */
function forgedDeliveries(host: string): string[] {
  const forged = JSON.stringify(anIncomingEvent({ secret: "forged" }));
  const unsigned = JSON.stringify(aWebexDelivery());
  return Array.from({ length: SENDERS }, (_, n) => {
    const [path, body] = n % 2 ? ["/webhook", forged] : ["/wtwebhook", unsigned];
    return post(path, host, { "X-Forwarded-For": `10.1.1.${n}` }, body);
  });
}

/** Bytes in use once everything that is not needed is gone, buffers included. */
async function kept(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 4; look += 1) {
    // What has ended lets go of its last things in the turns after it.
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    global.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

function lowerQuartileOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 4)] ?? 0;
}
