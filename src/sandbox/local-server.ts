import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import express, { type Express, type RequestHandler } from "express";

const ownHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/**
 * Answers 421 to requests for any host but this machine's own names. A page of another site can point its own name
 * here (DNS rebinding) and would otherwise pass for ours.
 */
const refuseOtherHosts: RequestHandler = (req, res, next) => {
  if (ownHost.test(req.headers.host ?? "")) return next();
  res.status(421).type("text").send("Only 127.0.0.1, localhost and [::1] are answered here.\n");
};

/** Answers 403 to requests that may change something and come from a browser on a page of another origin. */
const refuseOtherOrigins: RequestHandler = (req, res, next) => {
  const isReading = req.method === "GET" || req.method === "HEAD";
  if (isReading || !isFromElsewhere(req.headers)) return next();
  res.status(403).type("text").send("Requests from pages of other origins are refused here.\n");
};

/**
 * The server and the commands are no browsers and send neither header. Sec-Fetch-Site decides first: the Origin of a
 * form on a page that sends no referrer is "null", wherever it comes from.
 */
function isFromElsewhere({ origin, host, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  if (origin === undefined) return false;
  return host === undefined || URL.parse(origin)?.host !== host;
}

/** Creates an express app that refuses requests from pages of other sites before it reads them. */
export function createLocalApp(): Express {
  const app = express().disable("x-powered-by").disable("etag");
  return app.use(refuseOtherHosts, refuseOtherOrigins);
}

export type Listening = {
  origin: string;
  /** How many connections were opened so far. */
  connections(): number;
  /** Also cuts calls that still hang. */
  close(): Promise<void>;
};

/** Listens on any free port of 127.0.0.1. */
export async function listen(app: Express): Promise<Listening> {
  const server = createServer(app);
  let opened = 0;
  server.on("connection", () => {
    opened += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a TCP port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    connections: () => opened,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
