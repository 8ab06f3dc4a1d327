import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export type Received = { headers: IncomingHttpHeaders; text: string; body: Record<string, unknown> };

/** Receives webhooks. `status` is its answer to the nth one; null: no answer. */
export async function startReceiver() {
  const received: Received[] = [];
  const receiver = { url: "", received, status: (_nth: number): number | null => 200 };
  const server = createServer(async (req, res) => {
    const body = await text(req);
    const nth = received.push({ headers: req.headers, text: body, body: JSON.parse(body) });
    const status = receiver.status(nth);
    if (status !== null) res.writeHead(status).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  receiver.url = `http://127.0.0.1:${address.port}/hook`;
  return receiver;
}
