import { html, type SafeHtml } from "@remix-run/html-template";
import { countdown } from "../../pages/times.ts";
import { LONGEST_PAUSE_MS } from "../pace.ts";
import { linkTo } from "./controls.ts";
import { controlOf, type ServerControl, type Stage, type Task } from "./path.ts";
import { KILL, KILL_ONE, labelOf, START, START_ONE } from "./switches.ts";
import { NO_TRIAL, type TrialJob } from "./trial.ts";
import { failureOf, type Trouble } from "./troubles.ts";
import type { Holder, View } from "./view.ts";

/** Leads to the switch that begins a trouble, or ends it. */
function linkToSwitch(trouble: Trouble, isOn: boolean): SafeHtml {
  return linkTo(trouble, `“${labelOf(trouble, isOn)}”`);
}

/** In words, what to do for this task of the path through a failure. `now`: ms since 1970. */
export function sayingOf(task: Task, view: View, now: number): SafeHtml {
  const { name, title } = view.platform;
  const failure = failureOf(name);
  const breaks = linkToSwitch(failure, false);
  const starts = linkTo("server", `“${START}”`);
  const sayings: Readonly<Record<Task, SafeHtml>> = {
    fail: html`Press ${breaks}: ${title} then refuses every call.`,
    again: html`${title} works again, and the server has not been killed yet. Press ${breaks} once more.`,
    revive: html`The server is down. Press ${starts}.`,
    reconnect: html`While the network is cut nothing arrives. Press ${linkToSwitch("networkCut", true)}.`,
    repair: repairing(failure, title),
    ask: html`${linkTo("pizza", "Ask for pizza")} once more, as the customer.`,
    wait: html`Watch ${linkTo("inbox", "the inbox")}: the job is on disk, and is tried again and again${nextTry(view, now, "next ")}. In this demo no pause is longer than ${LONGEST_PAUSE_MS / 1000} seconds.`,
    kill: html`The job waits on disk. Press ${linkTo("server", `“${KILL}”`)}: the server ends at once, as in a power cut.`,
    start: html`The server is down, and the job still on disk. Press ${starts}.`,
    starting: html`Wait a second: the server is starting.`,
    takeover: html`Watch ${linkTo("inbox", "the inbox")}.`,
    fix: html`The server has found the job. Press ${linkToSwitch(failure, true)}.`,
    read: html`Watch ${linkTo("agents", "the agents")}: at the next try${nextTry(view, now, "", ",")} they are told of the pizza.`,
    over: nothingLost(view, title),
  };
  return view.servers.length > 1 ? ofSeveral(task, view, sayings) : sayings[task];
}

/** What to do about a platform that is needed now. */
export function repairing(trouble: Trouble, title: string): SafeHtml {
  const does =
    trouble === "webexLimits" ? "answers only that there are too many calls" : "refuses every call";
  return html`${title} ${does}. Press ${linkToSwitch(trouble, true)}.`;
}

/** When the job is tried next. Not for a screen reader, which would say it anew every second. */
function nextTry(view: View, now: number, before: string, after = ""): SafeHtml | null {
  const held = trialJobOf(view);
  const job = view.inbox.jobs.find(({ key, state }) => key === held?.key && state === "waiting");
  if (job === undefined) return null;
  return html`<span aria-hidden="true">, ${before}${countdown(job.nextAttemptAt, now)}${after}</span>`;
}

/** With several servers some things are different. */
function ofSeveral(task: Task, view: View, sayings: Readonly<Record<Task, SafeHtml>>): SafeHtml {
  const { title, name } = view.platform;
  const failure = failureOf(name);
  const breaks = linkToSwitch(failure, false);
  const inbox = linkTo("inbox", "the inbox");
  const holder = holderIn(view);
  const server = serverOfTask(task, view);
  const nameOf = (one: Holder | null, otherwise: string) => (one ? `Server ${one.number}` : otherwise);
  const others: Partial<Record<Task, SafeHtml>> = {
    fail: html`Press ${breaks}: ${title} then takes ten seconds for every call, and refuses it.`,
    again: html`${title} works again, and no server was killed over the job. Press ${breaks} once more.`,
    revive: html`All servers are down. Press ${linkTo(server, `“${START_ONE}”`)} for one.`,
    starting: html`Wait a second: a server is starting.`,
    wait: html`Watch ${inbox}: one of the servers takes the job in hand.`,
    kill: html`${nameOf(holder, "A server")} has the job in hand. Press ${linkTo(server, `“${KILL_ONE}”`)} for that server: it ends in the middle of a call, as in a power cut.`,
    takeover: html`${nameOf(holder, "The server")} is down, and nobody starts it. Watch ${inbox}: after 15 seconds of silence another server takes the job.`,
    fix: html`${nameOf(holder, "Another server")} has taken the job by itself. Press ${linkToSwitch(failure, true)}.`,
  };
  return others[task] ?? sayings[task];
}

function trialJobOf({ trials, platform }: View): TrialJob | null {
  return (trials.get(platform.name) ?? NO_TRIAL).job;
}

function holderIn(view: View): Holder | null {
  return trialJobOf(view)?.holder ?? null;
}

/** The control of this task on the platform where people chat. */
export function controlIn(task: Task, view: View) {
  return controlOf(task, view.platform.name, serverOfTask(task, view));
}

/** The server that a task is about: of several, the one with the job; to start, the first. */
function serverOfTask(task: Task, view: View): ServerControl {
  if (view.servers.length === 1) return "server";
  return `server-${task === "kill" ? (holderIn(view)?.number ?? 1) : 1}`;
}

/** The last words, about the platform with this title. */
export function nothingLost(view: View, title: string): SafeHtml {
  const { servers } = view;
  const areSeveral = servers.length > 1;
  const isOneDown = servers.some(({ state }) => state !== "running");
  const unaided = areSeveral && isOneDown ? ", and nobody had to start a server again" : "";
  const what = areSeveral ? "a server was killed with the job in hand" : "the server was down";
  return html`<strong>Nothing was lost${unaided}:</strong> although ${title} failed and ${what}, the agents were told of the pizza${whereTold(view, title)}.`;
}

/** Where the agents were told, if that is not in sight. */
function whereTold({ platform, chat }: View, title: string): string {
  if (platform.title !== title) return `, on ${title}`;
  return chat.some(({ author }) => author === "Pizza BOT") ? "" : ", in the earlier chat";
}

/** What the stages of the path are called. */
export function stageNames({ servers, platform: { title } }: View): Readonly<Record<Stage, string>> {
  const ofOne = {
    fail: `Break ${title}`,
    ask: "Ask for pizza",
    wait: "It waits",
    kill: "Kill the server",
    start: "Start it",
    fix: `Repair ${title}`,
    read: "The agents read it",
  };
  if (servers.length === 1) return ofOne;
  return { ...ofOne, wait: "A server takes it", kill: "Kill that server", start: "Another takes over" };
}
