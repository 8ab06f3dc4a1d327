import { anIncomingEvent, aWebexDelivery } from "../support/deliveries.ts";
import { createSender } from "./sender.ts";

const AT_ONCE = 32;

/**
 * Floods a server with deliveries that it has to refuse, by half for each platform, and tells by how many bytes its heap
 * (that of this process, which it has to run in) has grown in the second half.
 */
export async function soak(url: string, requests: number): Promise<number> {
  const forged = JSON.stringify(anIncomingEvent({ secret: "forged" }));
  const unsigned = JSON.stringify(aWebexDelivery());
  const { send, close } = createSender(url);

  async function flood(count: number): Promise<number> {
    const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
      for (let n = lane; n < count; n += AT_ONCE) {
        const status =
          n % 2 ? await send("POST", "/webhook", forged) : await send("POST", "/wtwebhook", unsigned);
        if (status !== 401 && status !== 429) throw new Error(`A forged delivery was answered ${status}.`);
      }
    });
    await Promise.all(lanes);
    global.gc?.();
    return process.memoryUsage().heapUsed;
  }

  try {
    await flood(Math.ceil(requests / 10));
    const before = await flood(Math.ceil(requests * 0.4));
    return (await flood(Math.ceil(requests / 2))) - before;
  } finally {
    close();
  }
}
