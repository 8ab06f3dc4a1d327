import type { Environment } from "../../src/config/config.ts";
import { runCli } from "./cli.ts";

export type Finding = { check: string; state: string; says: string; todo: string | null };

/** What the doctor finds with these settings; `of`: the findings of one check. */
export async function examine(settings: Environment, ...args: string[]) {
  const { code, out } = await runCli("doctor", ["--json", ...args], settings);
  const findings: Finding[] = JSON.parse(out);
  return { code, findings, of: (check: string) => findings.filter((one) => one.check === check) };
}
