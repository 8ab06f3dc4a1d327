import type { ChaosReport } from "./run.ts";
import type { ServersReport } from "./servers.ts";

/** Whether one server has kept its promises. */
export function isGood(report: ChaosReport): boolean {
  const { lost, stayed, disordered, unfinished, halfInstalled, repeated, inHandAtKills, exitCode } = report;
  const broken = lost + stayed + disordered + unfinished + halfInstalled + (exitCode ?? 1);
  return broken === 0 && repeated <= inHandAtKills;
}

/** The same of several. Here it is known of each job whether it was in hand. */
export function isGoodOfServers(report: Omit<ServersReport, "troubles">): boolean {
  const { lost, stayed, disordered, unexplained, unfinished, halfInstalled, crashed } = report;
  return lost + stayed + disordered + unexplained + unfinished + halfInstalled + crashed === 0;
}
