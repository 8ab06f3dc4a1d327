import { once } from "node:events";
import { createServer } from "node:http";
import express, { type ErrorRequestHandler, type Express } from "express";
import type { Answer } from "./answer.ts";
import { sendAnswer } from "./endpoint.ts";
import { refuseOtherHosts, refuseOtherOrigins } from "./hosts.ts";

/**
 * Creates an express app that hands every body on as bytes, so each stand-in judges it by its own rules. What web
 * pages of other sites might send is refused before it is read.
 */
export function createWireApp(): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag");
  app.use(refuseOtherHosts, refuseOtherOrigins);
  app.use(express.raw({ type: () => true, limit: "1mb" }));
  return app;
}

/** The last handler of an app: what express itself refuses (a body too large, a broken path) gets `refused`. */
export function refuseUnreadable(refused: () => Answer): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const status = error instanceof Error && "status" in error ? error.status : 500;
    if (typeof status === "number" && status < 500 && !res.headersSent) return sendAnswer(res, refused());
    next(error);
  };
}

export type Listening = {
  origin: string;
  /** How many connections were opened to it so far. */
  connections(): number;
  /** Also cuts calls that still hang. */
  close(): Promise<void>;
};

/** Listens on 127.0.0.1 only; port 0 takes any free one. */
export async function listen(app: Express, port = 0): Promise<Listening> {
  const server = createServer(app);
  let opened = 0;
  server.on("connection", () => {
    opened += 1;
  });
  server.listen(port, "127.0.0.1");
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
