import { z } from "zod";
import type { Config } from "../../config/config.ts";
import { sentenceOf } from "../../errors.ts";
import { createHttp } from "../../http/http.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const TIMEOUT_MS = 5000;

/** Checks that PUBLIC_URL leads to the server on this machine, by asking both which process they are. */
export async function checkPublicUrl({
  publicUrl,
  isPublicUrlFromNgrok,
  host,
  port,
}: Config): Promise<Finding> {
  const check = "PUBLIC_URL";
  const name = isPublicUrlFromNgrok ? `${publicUrl} (ngrok)` : publicUrl;
  const here = await instanceAt(`http://${reachable(host)}:${port}`).catch(() => null);
  if (here === null)
    return warning(check, `the server is not running here, so ${name} could not be checked`, "npm start");
  try {
    const there = await instanceAt(publicUrl);
    if (there !== here)
      return problem(check, `${name} leads to another server`, "set PUBLIC_URL to this server's address");
  } catch (error) {
    return problem(
      check,
      `${name} does not lead here: ${sentenceOf(error)}`,
      "start your tunnel and check PUBLIC_URL",
    );
  }
  if (isLocal(publicUrl))
    return warning(check, `${name} can be reached from this machine only`, `ngrok http ${String(port)}`);
  return ok(check, `${name} leads to the server on this machine`);
}

async function instanceAt(baseUrl: string): Promise<string> {
  const http = createHttp({ platform: baseUrl, baseUrl, timeoutMs: TIMEOUT_MS });
  const answer = z.object({ instance: z.string() });
  return (await http({ name: "GET /healthz", method: "GET", path: "/healthz", quota: null, answer }))
    .instance;
}

/** A server that listens on all addresses is asked on the loopback address. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function isLocal(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}
