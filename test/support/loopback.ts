import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { onTestFinished } from "vitest";

export type Loopback = { url: string; requests(): number; connections(): number };

/** A server of the test's own on this machine, gone when the test is. */
export async function startLoopback(listener: RequestListener): Promise<Loopback> {
  const server = createServer(listener);
  let requests = 0;
  let connections = 0;
  server.on("request", () => {
    requests += 1;
  });
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: urlOf(server),
    requests: () => requests,
    connections: () => connections,
  };
}

/** Where a server listens on this machine. */
export function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}
