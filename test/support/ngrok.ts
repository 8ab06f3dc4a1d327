import { startLoopback } from "./loopback.ts";

/** A stand-in for the API of an ngrok agent with these tunnels: public address to where it leads. */
export async function startNgrokAgent(tunnels: Readonly<Record<string, string>>): Promise<string> {
  const found = Object.entries(tunnels).map(([public_url, addr]) => ({
    name: public_url,
    uri: "/api/tunnels/one",
    public_url,
    proto: public_url.split(":")[0],
    config: { addr, inspect: true },
    metrics: {},
  }));
  const { url } = await startLoopback((req, res) => {
    res.writeHead(req.url === "/api/tunnels" ? 200 : 404, { "content-type": "application/json" });
    res.end(JSON.stringify({ tunnels: found, uri: "/api/tunnels" }));
  });
  return url;
}
