import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenLocally } from "./listen.ts";

/** How long an answer may take. A server that takes longer gets nothing for a while. */
const TIMEOUT_MS = 2000;
const REST_MS = 3000;

export type Balancer = {
  url: string;
  /** Says where that server is, counted from 0; null: it is gone. */
  lead(server: number, url: string | null): void;
  close(): Promise<void>;
};

type Place = { url: string | null; restsUntil: number };

/**
 * Opens the public address of several servers, which take turns. As load balancers do, it asks the next server when one refuses
 * the connection; any other failure goes back to the sender, since the server may have kept the delivery.
 */
export async function openBalancer(servers: number): Promise<Balancer> {
  const places: Place[] = Array.from({ length: servers }, () => ({ url: null, restsUntil: 0 }));
  let next = 0;

  /** All that listen, those that rest last. */
  function inTurn(): Place[] {
    next = (next + 1) % servers;
    const rests = (place: Place) => Number(place.restsUntil > performance.now());
    return [...places.slice(next), ...places.slice(0, next)]
      .filter(({ url }) => url !== null)
      .toSorted((a, b) => rests(a) - rests(b));
  }

  const listener = createServer(async (req, res) => {
    try {
      const body = await buffer(req);
      for (const place of inTurn()) {
        const answer = await ask(place, req, body, res);
        if (answer !== "refused") return;
      }
      res.writeHead(503).end();
    } catch {
      res.destroy();
    }
  });
  const port = await listenLocally(listener);
  return {
    url: `http://127.0.0.1:${port}`,
    lead(server, url) {
      places[server] = { url, restsUntil: 0 };
    },
    async close() {
      const closed = new Promise((resolve) => void listener.close(resolve));
      listener.closeAllConnections();
      await closed;
    },
  };
}

/** Resolves once the sender has the server's answer, or why there is none. */
function ask(
  place: Place,
  { method, url: path, headers }: IncomingMessage,
  body: Buffer,
  res: ServerResponse,
): Promise<"answered" | "refused"> {
  const { promise, resolve } = Promise.withResolvers<"answered" | "refused">();
  const asked = request(new URL(path ?? "/", place.url ?? ""), { method, headers, agent: false });
  const fail = (status: number) => {
    if (res.headersSent) res.destroy();
    else res.writeHead(status).end();
    resolve("answered");
  };
  asked.setTimeout(TIMEOUT_MS, () => {
    place.restsUntil = performance.now() + REST_MS;
    fail(504);
    asked.destroy();
  });
  asked.on("error", (error) => {
    if ("code" in error && error.code === "ECONNREFUSED") resolve("refused");
    else fail(502);
  });
  asked.on("response", (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.once("error", () => res.destroy());
    answer.pipe(res);
    res.once("close", () => resolve("answered"));
  });
  res.once("close", () => asked.destroy());
  asked.end(body);
  return promise;
}
