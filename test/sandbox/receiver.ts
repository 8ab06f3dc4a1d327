import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { startLoopback } from "../support/loopback.ts";

export type Received = { headers: IncomingHttpHeaders; text: string; body: Record<string, unknown> };

/** Receives webhooks. `status` is its answer to the nth one; null: no answer. */
export async function startReceiver() {
  const received: Received[] = [];
  const receiver = { url: "", received, status: (_nth: number): number | null => 200 };
  const { url } = await startLoopback(async (req, res) => {
    const body = await text(req);
    const nth = received.push({ headers: req.headers, text: body, body: JSON.parse(body) });
    const status = receiver.status(nth);
    if (status !== null) res.writeHead(status).end();
  });
  receiver.url = `${url}/hook`;
  return receiver;
}
