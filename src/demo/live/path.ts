import type { PlatformName } from "../../job.ts";
import { isOpen, isOver, NO_TRIAL, type Trial } from "./trial.ts";
import { failureOf, type Trouble } from "./troubles.ts";
import type { ServerState, View } from "./view.ts";

/** The stages of the path through a failure, in order. */
export const STAGES = ["fail", "ask", "wait", "kill", "start", "fix", "read"] as const;
export type Stage = (typeof STAGES)[number];

/**
 * The one thing to do next.
 * again: the failure ended before the server was killed; revive: the server is down, but no job waits yet; starting: only
 * to wait; reconnect: while the network is cut nothing arrives.
 */
export type Task =
  | "fail"
  | "again"
  | "revive"
  | "reconnect"
  | "ask"
  | "wait"
  | "kill"
  | "start"
  | "starting"
  | "fix"
  | "read"
  | "over";

export type Guide = { stage: Stage; task: Task };

/** What the guide needs to know. */
export type Situation = {
  trial: Trial;
  server: ServerState;
  /** Whether the platform fails. */
  isFailing: boolean;
  isNetworkCut: boolean;
};

/** Tried at least so often, a job has visibly waited. */
const ATTEMPTS_TO_SEE = 4;

/** Where somebody is on the path, whatever they did in which order, and what to do there. */
export function guideOf(situation: Situation): Guide {
  const { trial } = situation;
  if (isOver(trial)) return { stage: "read", task: "over" };
  if (trial.job === null || !isOpen(trial.job)) return beforeAJobWaits(situation);
  const isDown = situation.server !== "running";
  return trial.hasOutlived || isDown ? afterTheEnd(situation) : whileItWaits(situation, trial.job.attempts);
}

function beforeAJobWaits({ trial, server, isFailing, isNetworkCut }: Situation): Guide {
  const stage = isFailing ? "ask" : "fail";
  if (server !== "running") return { stage, task: server === "starting" ? "starting" : "revive" };
  if (isNetworkCut) return { stage, task: "reconnect" };
  if (isFailing) return { stage, task: "ask" };
  return { stage, task: trial.job === null ? "fail" : "again" };
}

function whileItWaits({ isFailing, isNetworkCut }: Situation, attempts: number): Guide {
  if (!isFailing && !isNetworkCut) return { stage: "fail", task: "again" };
  const stage = attempts < ATTEMPTS_TO_SEE ? "wait" : "kill";
  return { stage, task: stage };
}

function afterTheEnd({ server, isFailing, isNetworkCut }: Situation): Guide {
  if (server !== "running") return { stage: "start", task: server === "starting" ? "starting" : "start" };
  if (isFailing) return { stage: "fix", task: "fix" };
  if (isNetworkCut) return { stage: "fix", task: "reconnect" };
  return { stage: "read", task: "read" };
}

/** The guide for the platform on which people chat. */
export function guideFor({ trials, platform, server, troubles }: View): Guide {
  const trial = trials.get(platform.name) ?? NO_TRIAL;
  const isFailing = troubles.has(failureOf(platform.name));
  return guideOf({ trial, server, isFailing, isNetworkCut: troubles.has("networkCut") });
}

/** What a task is done with, or where it is seen. */
export type Control = Trouble | "pizza" | "balance" | "server" | "inbox" | "agents";

/** The control of a task on this platform; null: there is nothing to press or to watch. */
export function controlOf(task: Task, platform: PlatformName): Control | null {
  const failure = failureOf(platform);
  const controls: Readonly<Record<Task, Control | null>> = {
    fail: failure,
    again: failure,
    revive: "server",
    reconnect: "networkCut",
    ask: "pizza",
    wait: "inbox",
    kill: "server",
    start: "server",
    starting: null,
    fix: failure,
    read: "agents",
    over: null,
  };
  return controls[task];
}
