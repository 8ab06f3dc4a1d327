import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "../log.ts";
import { isGuess } from "../operator/gate.ts";

const MINUTE_MS = 60_000;

type Exchange = { req: IncomingMessage; res: ServerResponse };

/**
 * Keeps at most `most` connections open, or half as many beside those whose requests are being answered, where that is more.
 * One more closes one on which a wrong password waits, or else the one that has gone longest without a new request, never one
 * whose request is being answered. A new connection is not turned away: if it were, strangers could lock the platforms out by
 * holding all connections.
 */
export function limitConnections(http: Server, most: number, log: Log): void {
  /** So many may wait for a request whatever the others do: a new connection has to stay open until its request is read. */
  const spared = most / 2;
  // The one that has gone longest without a new request comes first.
  const latest = new Map<Socket, Exchange | null>();
  const warn = atMostOnceAMinute(() =>
    log.warn(`More than ${most} connections are open. Those that wait longest for a request are closed.`),
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
    // Node.js remembers an address that was asked for once: afterwards it is known even of a peer that has gone.
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

/** Whether all of the request is here, and the answer is not yet on its way. */
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
