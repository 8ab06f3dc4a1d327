import type { Server } from "node:net";

/** Writes where it listens, as the server's log does. */
export function sayAddress(server: Server): void {
  server.once("listening", () => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("not listening on a TCP port");
    process.stdout.write(`Listening on http://127.0.0.1:${address.port}\n`);
  });
}
