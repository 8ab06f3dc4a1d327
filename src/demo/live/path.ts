import type { PlatformName } from "../../job.ts";
import { isOpen, isOver, NO_TRIAL, type Trial, type TrialJob } from "./trial.ts";
import { failureOf, type Trouble } from "./troubles.ts";
import { overallState, type ServerState, type View } from "./view.ts";

/** The stages of the path through a failure, in order. start: of several servers, another takes the job over. */
export const STAGES = ["fail", "ask", "wait", "kill", "start", "fix", "read"] as const;
export type Stage = (typeof STAGES)[number];

/**
 * The one thing to do next.
 * again: the failure ended before the server was killed; revive: the server is down, but no job waits yet; starting: only
 * to wait; takeover: to watch how another server takes the job; reconnect: while the network is cut nothing arrives; repair:
 * a platform fails that is needed now.
 */
export type Task =
  | "fail"
  | "again"
  | "revive"
  | "reconnect"
  | "repair"
  | "ask"
  | "wait"
  | "kill"
  | "start"
  | "starting"
  | "takeover"
  | "fix"
  | "read"
  | "over";

export type Guide = { stage: Stage; task: Task };

/** What the guide needs to know. */
export type Situation = {
  trial: Trial;
  /** Of several, that of the best. */
  server: ServerState;
  areSeveral: boolean;
  /** Whether the platform fails. */
  isFailing: boolean;
  isNetworkCut: boolean;
};

/** Tried so often, a job has waited for a single server for about nine seconds: long enough to be looked at. */
const ATTEMPTS_TO_SEE = 8;

/** Where somebody is on the path, whatever they did in which order, and what to do there. */
export function guideOf(situation: Situation): Guide {
  const { trial } = situation;
  if (isOver(trial)) return { stage: "read", task: "over" };
  if (trial.job === null || !isOpen(trial.job)) return beforeAJobWaits(situation);
  const isDown = situation.server !== "running";
  return trial.hasOutlived || isDown ? afterTheEnd(situation, trial.job) : whileItWaits(situation, trial.job);
}

function beforeAJobWaits({ trial, server, isFailing, isNetworkCut }: Situation): Guide {
  const stage = isFailing ? "ask" : "fail";
  if (server !== "running") return { stage, task: server === "starting" ? "starting" : "revive" };
  if (isNetworkCut) return { stage, task: "reconnect" };
  if (isFailing) return { stage, task: "ask" };
  return { stage, task: trial.job === null ? "fail" : "again" };
}

function whileItWaits({ areSeveral, isFailing, isNetworkCut }: Situation, job: TrialJob): Guide {
  if (!isFailing && !isNetworkCut) return { stage: "fail", task: "again" };
  // Its calls then end so soon that nobody would see a server with the job in hand.
  if (areSeveral && isNetworkCut) return { stage: "wait", task: "reconnect" };
  const isSeen = areSeveral ? job.holder !== null : job.attempts >= ATTEMPTS_TO_SEE;
  const stage = isSeen ? "kill" : "wait";
  return { stage, task: stage };
}

function afterTheEnd(
  { server, areSeveral, isFailing, isNetworkCut }: Situation,
  { holder }: TrialJob,
): Guide {
  if (server === "starting") return { stage: "start", task: "starting" };
  if (server !== "running") return { stage: "start", task: areSeveral ? "revive" : "start" };
  if (holder?.isDown === true) return { stage: "start", task: "takeover" };
  if (isFailing) return { stage: "fix", task: "fix" };
  if (isNetworkCut) return { stage: "fix", task: "reconnect" };
  return { stage: "read", task: "read" };
}

/** What has to be done before a step that needs all of it to work; null: nothing. */
export function hindranceOf({
  server,
  isFailing,
  isNetworkCut,
}: Pick<Situation, "server" | "isFailing" | "isNetworkCut">): Task | null {
  if (server !== "running") return server === "starting" ? "starting" : "revive";
  if (isNetworkCut) return "reconnect";
  return isFailing ? "repair" : null;
}

/** Whether the task brings back somebody who has strayed, so that its stage has to wait. */
export function isDetour({ stage, task }: Guide): boolean {
  return task === "revive" || task === "reconnect" || (task === "starting" && stage !== "start");
}

/** The situation with a platform. */
export function situationOf({ trials, servers, troubles }: View, platform: PlatformName): Situation {
  return {
    trial: trials.get(platform) ?? NO_TRIAL,
    server: overallState(servers),
    areSeveral: servers.length > 1,
    isFailing: troubles.has(failureOf(platform)),
    isNetworkCut: troubles.has("networkCut"),
  };
}

/** The guide for the platform on which people chat. */
export function guideFor(view: View): Guide {
  return guideOf(situationOf(view, view.platform.name));
}

/** What a task is done with, or where it is seen. */
export type Control = Trouble | "pizza" | "balance" | ServerControl | "inbox" | "agents";

/** That of a server: by its number, if there are several. */
export type ServerControl = "server" | `server-${number}`;

/** The control of a task on this platform and with this server; null: there is nothing to press or to watch. */
export function controlOf(
  task: Task,
  platform: PlatformName,
  server: ServerControl = "server",
): Control | null {
  const failure = failureOf(platform);
  const controls: Readonly<Record<Task, Control | null>> = {
    fail: failure,
    again: failure,
    revive: server,
    reconnect: "networkCut",
    repair: failure,
    ask: "pizza",
    wait: "inbox",
    kill: server,
    start: server,
    starting: null,
    takeover: "inbox",
    fix: failure,
    read: "agents",
    over: null,
  };
  return controls[task];
}
