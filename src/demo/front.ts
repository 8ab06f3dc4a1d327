import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream";

export type Front = {
  /** Stays the same, whoever is behind it. */
  url: string;
  /** Leads new connections there, an http:// URL with a port; null: cuts them, as where nobody listens. */
  leadTo(url: string | null): void;
  /** Also cuts what is open. */
  close(): Promise<void>;
};

/**
 * Opens an address of this machine for a server that comes and goes. The server itself takes any free port, so there is
 * no moment at which another program could take the one that was meant for it.
 */
export async function openFront(): Promise<Front> {
  let port: number | null = null;
  const open = new Set<Socket>();

  // Half open: whoever has sent a whole request may close their side and still read the answer.
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
    // Whoever is at the other end has gone: its pipeline sees to that.
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
