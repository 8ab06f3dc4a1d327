import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../errors.ts";
import type { Log } from "../log.ts";
import { isGuess } from "../operator/gate.ts";
import { ROOM_FOR_LARGE, SMALL_BODY } from "./delivery-body.ts";

// An import would load all of node:http, its WebSocket too: 14 ms and 6 MB at every start.
const { createServer } = process.getBuiltinModule("node:http");

/** Limits on what one client may use. Times in ms. */
const LIMITS = {
  /** From the start of the connection until all headers have arrived, so that a silent connection is closed too. */
  headersTimeout: 10_000,
  /** Until the whole request has arrived. */
  requestTimeout: 30_000,
  /** Until the next request on the same connection. */
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
  /** Without a byte in either direction. No answer takes this long, so it only ends connections whose client does not read. */
  idleTimeout: 120_000,
  /**
   * 1,024: so many small bodies take as much memory as the large ones may. It is also twice the system's queue of new
   * connections (511).
   */
  connections: ROOM_FOR_LARGE / SMALL_BODY,
};

export type HttpLimits = typeof LIMITS;

const MINUTE_MS = 60_000;

/** An HTTP server with limits for its clients; it does not listen yet. */
export function createHttpServer(overrides: Partial<HttpLimits>, log: Log): Server {
  const limits = { ...LIMITS, ...overrides };
  const http = createServer(limits);
  http.timeout = limits.idleTimeout;
  limitConnections(http, limits.connections, log);
  return http;
}

/** Listens, and returns the server's own URL without a slash at the end. Throws ConfigError. */
export function listen(http: Server, { host, port }: Pick<Config, "host" | "port">): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  http.once("error", (cause: NodeJS.ErrnoException) =>
    reject(new ConfigError(cannotListen(cause, host, port), { cause })),
  );
  http.listen(port, host, () => resolve(urlOf(http.address())));
  return promise;
}

/** Stops listening and lets open requests finish, for at most `graceMs` milliseconds. */
export function closeHttpServer(http: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  http.close(() => resolve());
  setTimeout(() => http.closeAllConnections(), graceMs).unref();
  return promise;
}

function cannotListen({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE") {
    return `Port ${port} on ${host} is in use by another program. Stop that program, or set another port in PORT.`;
  }
  if (code === "EACCES") return `This user may not listen on port ${port}. Set one above 1023 in PORT.`;
  return `The server cannot listen on HOST ${host} and PORT ${port}: ${message}.`;
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string")
    throw new Error("the server does not listen on a port");
  return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
}

type Exchange = { req: IncomingMessage; res: ServerResponse };

/**
 * Keeps at most `most` connections open, but always has room for `most / 2` whose requests are not being answered. When one
 * too many opens, it closes the first of these that it finds:
 *
 * 1. one on which a wrong password waits for its answer
 * 2. the one that has gone longest without a new request, but never one whose request is being answered
 *
 * New connections are not turned away, or strangers could lock the platforms out by holding all connections.
 */
function limitConnections(http: Server, most: number, log: Log): void {
  /** So many unanswered connections are never closed: a new one needs time to send its request. */
  const spared = most / 2;
  // In the order of their latest requests, the oldest first.
  const latest = new Map<Socket, Exchange | null>();
  const warn = atMostOnceAMinute(() =>
    log.warn(`More than ${most} connections are open. Closing those that have been idle longest.`),
  );

  function closeOne(): void {
    const socket = nextToClose();
    if (socket === null) return;
    latest.delete(socket);
    socket.destroy();
  }

  function nextToClose(): Socket | null {
    let oldest: Socket | null = null;
    let count = 0;
    for (const [socket, exchange] of latest) {
      if (isGuess(socket)) return socket;
      if (exchange !== null && isBeingAnswered(exchange)) continue;
      oldest ??= socket;
      count += 1;
    }
    return count > spared ? oldest : null;
  }

  http.on("connection", (socket: Socket) => {
    latest.set(socket, null);
    // Reads the address now, so that Node.js still knows it when the peer has gone.
    void socket.remoteAddress;
    socket.once("close", () => latest.delete(socket));
    if (latest.size <= most) return;
    warn();
    closeOne();
  });
  http.on("request", (req, res) => {
    if (latest.delete(req.socket)) latest.set(req.socket, { req, res });
  });
}

/** Whether the whole request has arrived and its answer is not finished. */
function isBeingAnswered({ req, res }: Exchange): boolean {
  return req.complete && !res.writableEnded;
}

function atMostOnceAMinute(act: () => void): () => void {
  let notBefore = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() < notBefore) return;
    notBefore = performance.now() + MINUTE_MS;
    act();
  };
}
