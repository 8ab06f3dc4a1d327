import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream";

export type Front = {
  /** Stays the same, whichever servers are behind it. */
  url: string;
  /**
   * Forwards new connections to these http:// URLs with a port, to one after another; one that refuses is skipped. null, or none:
   * cuts them, as if nobody listened.
   */
  leadTo(urls: string | readonly string[] | null): void;
  /** Also cuts open connections. */
  close(): Promise<void>;
};

/**
 * Opens a fixed address on this machine for servers that are stopped and started. The servers themselves take any free port,
 * so no other program can take their address meanwhile.
 */
export async function openFront(): Promise<Front> {
  let ports: readonly number[] = [];
  let turn = 0;
  const open = new Set<Socket>();

  // Half open: a client may close its side after the request and still read the answer.
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    keep(client);
    turn += 1;
    void serve(client, inTurn(ports, turn));
  });

  async function serve(client: Socket, candidates: readonly number[]): Promise<void> {
    for (const port of candidates) {
      const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
      keep(server);
      if (await isAnswered(server)) return join(client, server);
    }
    client.resetAndDestroy();
  }

  function keep(socket: Socket): void {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    // The pipeline closes the other end.
    socket.on("error", () => undefined);
  }

  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a TCP port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    leadTo(urls) {
      ports = [urls ?? []].flat().map((url) => Number(new URL(url).port));
    },
    async close() {
      const closed = once(listener, "close");
      listener.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** All of them, beginning with the one whose turn it is. */
function inTurn(ports: readonly number[], turn: number): number[] {
  const first = turn % Math.max(ports.length, 1);
  return [...ports.slice(first), ...ports.slice(0, first)];
}

/** Whether somebody listens there. */
function isAnswered(server: Socket): Promise<boolean> {
  return once(server, "connect").then(
    () => true,
    () => false,
  );
}

function join(client: Socket, server: Socket): void {
  const cut = (error: Error | null | undefined) => {
    if (error) for (const socket of [client, server]) socket.destroy();
  };
  pipeline(client, server, cut);
  pipeline(server, client, cut);
}
