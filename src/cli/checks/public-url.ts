import { z } from "zod";
import type { Config } from "../../config/config.ts";
import { sentenceOf } from "../../errors.ts";
import { createHttp } from "../../http/http.ts";
import { hasStore } from "../../stores.ts";
import { withStore } from "../open-store.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const TIMEOUT_MS = 5000;

/** Who answers where the server is to listen, and who else is alive on the same database. */
export type Running = { readonly here: string | null; readonly others: readonly string[] };

export async function findServers(config: Config): Promise<Running> {
  const { host, port } = config;
  const here = await serverAt(`http://${reachable(host)}:${port}`).catch(() => null);
  return { here, others: await serversBeside(config) };
}

/** Whether a server runs. `fix`: what is corrected needs none. Nothing is said of one that was never started. */
export function checkServer(config: Config, { here, others }: Running, fix: boolean): Finding[] {
  const check = "server";
  if (here !== null) return [ok(check, `runs here, on port ${config.port}`)];
  if (others.length > 0) return [ok(check, `runs elsewhere on the same database: ${others.length}`)];
  if (!hasStore(config)) return [];
  const says = "the server is not running here: no delivery is taken, and no job is done";
  return [(fix ? warning : problem)(check, says, "npm start")];
}

/**
 * Checks that PUBLIC_URL leads to the server on this machine, or to another one on the same database, by asking which server
 * answers.
 */
export async function checkPublicUrl(config: Config, { here, others }: Running): Promise<Finding> {
  const { publicUrl, isPublicUrlFromNgrok, port } = config;
  const check = "PUBLIC_URL";
  const name = isPublicUrlFromNgrok ? `${publicUrl} (ngrok)` : publicUrl;
  if (here === null && others.length === 0)
    return warning(check, `the server is not running here, so ${name} could not be checked`, "npm start");
  try {
    const there = await serverAt(publicUrl);
    if (there !== here && others.includes(there))
      return ok(check, `${name} leads to ${there}, a server on the same database`);
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

/** The servers that are alive on a database of several; a file has only the one that is running here. */
async function serversBeside(config: Config): Promise<string[]> {
  if (config.database.kind !== "postgres") return [];
  try {
    const all = await withStore(config, ({ servers }) => servers.list());
    return all.filter(({ isAlive }) => isAlive).map(({ name }) => name);
  } catch {
    // The check of the database reports it.
    return [];
  }
}

async function serverAt(baseUrl: string): Promise<string> {
  const http = createHttp({ platform: baseUrl, baseUrl, timeoutMs: TIMEOUT_MS });
  const answer = z.object({ server: z.string() });
  return (await http({ name: "GET /healthz", method: "GET", path: "/healthz", quota: null, answer })).server;
}

/** A server that listens on all addresses is asked on the loopback address. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function isLocal(url: string): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
}
