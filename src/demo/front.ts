import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream";

export type Front = {
  /** Stays the same, whichever server is behind it. */
  url: string;
  /** Forwards new connections to this http:// URL with a port; null: cuts them, as if nobody listened. */
  leadTo(url: string | null): void;
  /** Also cuts open connections. */
  close(): Promise<void>;
};

/**
 * Opens a fixed address on this machine for a server that is stopped and started. The server itself takes any free port,
 * so no other program can take its address meanwhile.
 */
export async function openFront(): Promise<Front> {
  let port: number | null = null;
  const open = new Set<Socket>();

  // Half open: a client may close its side after the request and still read the answer.
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    keep(client);
    if (port === null) return void client.resetAndDestroy();
    const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    keep(server);
    const cut = (error: Error | null | undefined) => {
      if (error) for (const socket of [client, server]) socket.destroy();
    };
    pipeline(client, server, cut);
    pipeline(server, client, cut);
  });

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
    leadTo(url) {
      port = url === null ? null : Number(new URL(url).port);
    },
    async close() {
      const closed = once(listener, "close");
      listener.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
