import { createServer } from "node:http";
import { onTestFinished } from "vitest";

/** A stand-in for the API of an ngrok agent with these tunnels: public address to where it leads. */
export async function startNgrokAgent(tunnels: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((req, res) => {
    res.statusCode = req.url === "/api/tunnels" ? 200 : 404;
    res.setHeader("content-type", "application/json");
    const found = Object.entries(tunnels).map(([public_url, addr]) => ({
      name: public_url,
      uri: "/api/tunnels/one",
      public_url,
      proto: public_url.split(":")[0],
      config: { addr, inspect: true },
      metrics: {},
    }));
    res.end(JSON.stringify({ tunnels: found, uri: "/api/tunnels" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}
