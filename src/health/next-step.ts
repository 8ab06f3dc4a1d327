import { formatMinute, formatTime } from "../durations.ts";
import { type JobRecord, SETTLED_KEPT_MS } from "../store/store.ts";
import { createWaits, type Surroundings, soon, type Wait } from "./waiting-for.ts";

/** Returns what happens to a job next, in a sentence or two. */
export function createNextStep(surroundings: Surroundings): (job: JobRecord) => string {
  const { now, titles } = surroundings;
  const waitOf = createWaits(surroundings);
  return (job) => {
    const wait = waitOf(job);
    if (wait !== null) return afterWait(wait, titles.platform(job.platform), now);
    if (job.state === "dead") return `Nothing, unless you retry it. ${deletion(job, now)}`;
    if (job.state === "done")
      return `Nothing: it is done. A repeated delivery is recognized while the job is kept. ${deletion(job, now)}`;
    return "The server is working on it now. The attempt is listed once it has ended.";
  };
}

function afterWait(wait: Wait, title: string, now: number): string {
  switch (wait.for) {
    case "platform":
      return `Nothing, until ${title} is set up and the server is restarted. Then it is tried.`;
    case "database":
      return "It is tried once the database can be written again.";
    case "lane":
      return "It is tried once the job before it in its chat is settled.";
    case "pause":
      return `It is tried after ${formatTime(now + wait.ms, now)}. ${title} has asked for a pause until then.`;
    case "probe":
      return `${title} is failing, and only one job at a time probes it, the next one ${soon(wait.ms)}. This job goes on once ${title} answers again.`;
    case "time":
      return `It is tried again at ${formatTime(now + wait.ms, now)}, ${soon(wait.ms)}.`;
    case "turn":
      return "It is tried as soon as it is its turn.";
  }
}

function deletion({ settledAt }: JobRecord, now: number): string {
  const deletedAt = (settledAt ?? now) + SETTLED_KEPT_MS;
  if (deletedAt <= now) return "It will be deleted soon.";
  return `It will be deleted after 7 days, on ${formatMinute(deletedAt, now)}.`;
}
