import { z } from "zod";
import { createHttp } from "../http/http.ts";

const TIMEOUT_MS = 1000;

/** Tunnels in the agent's own API; `addr` is where one leads: an address, or just a port. */
const tunnels = z.object({
  tunnels: z.array(z.object({ public_url: z.string(), config: z.object({ addr: z.string() }) })),
});

/** The https URL of the ngrok tunnel to this port of this machine; null when there is none, or no agent answers. */
export async function findNgrokUrl(agentUrl: string, port: number): Promise<string | null> {
  const http = createHttp({ platform: "ngrok", baseUrl: agentUrl, timeoutMs: TIMEOUT_MS });
  try {
    const answer = await http({
      name: "tunnels",
      method: "GET",
      path: "/api/tunnels",
      quota: null,
      answer: tunnels,
    });
    const ours = answer.tunnels.find(
      ({ public_url, config }) => public_url.startsWith("https://") && leadsTo(port, config.addr),
    );
    return ours?.public_url.replace(/\/+$/, "") ?? null;
  } catch {
    // Most machines have no agent, and need none.
    return null;
  }
}

function leadsTo(port: number, address: string): boolean {
  const [, host = "localhost", given] = /^(?:https?:\/\/)?(?:([^/]+):)?(\d+)\/?$/.exec(address) ?? [];
  return given === String(port) && ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"].includes(host);
}
