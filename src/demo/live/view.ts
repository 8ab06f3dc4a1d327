import type { PlatformName } from "../../job.ts";
import type { Line } from "../../sandbox/chat-people.ts";
import type { Exchange } from "../../sandbox/exchanges.ts";
import type { RoomLine } from "../../sandbox/webex/people.ts";
import type { JobState } from "../../store/store.ts";
import type { ChatPlatform } from "../chat-platforms.ts";
import type { DemoRule } from "./rules.ts";
import type { Trial } from "./trial.ts";
import type { Trouble } from "./troubles.ts";

export const ROOMS = ["group", "direct"] as const;
export type RoomName = (typeof ROOMS)[number];

/** killed: by the person at the demo; failed: ended by itself. */
export type ServerState = "starting" | "running" | "killed" | "failed";

export type ServerLine = {
  /** From 1 on. */
  readonly number: number;
  readonly state: ServerState;
};

/** The server that has a job in hand, or had it when it ended. */
export type Holder = { readonly number: number; readonly isDown: boolean };

/** A job as the demo shows it. */
export type JobLine = {
  key: string;
  platform: PlatformName;
  /** As people call the platform. */
  title: string;
  state: JobState;
  attempts: number;
  /** Next try of a waiting job, in ms since 1970. */
  nextAttemptAt: number;
  /** null: no server has it in hand, or there is only one. */
  holder: Holder | null;
};

/** The state of the best of them. */
export function overallState(servers: readonly ServerLine[]): ServerState {
  const states = servers.map(({ state }) => state);
  return (["running", "starting", "failed"] as const).find((state) => states.includes(state)) ?? "killed";
}

/** An exchange, or the latest of several that only look at the webhooks; `times`: how many they are. */
export type WireRow = Exchange & { rowId: string; times: number };

/** Everything the page shows. */
export type View = {
  serverUrl: string;
  /** Of the operator's pages. */
  password: string;
  /** At least one. */
  servers: readonly ServerLine[];
  /** Those on which customers and agents can chat. */
  platforms: readonly ChatPlatform[];
  /** The one on which they do. */
  platform: ChatPlatform;
  /** Whether the Pizza BOT is installed there, and ready. */
  isInstalled: boolean;
  /** Oldest line first. */
  chat: readonly Line[];
  /** Whether the agents of any chat so far were told of a pizza. */
  isServed: boolean;
  /** Ana's room that is shown. */
  room: RoomName;
  rooms: Readonly<Record<RoomName, readonly RoomLine[]>>;
  /** Where something is written of which the bots have not been told yet. */
  undelivered: Readonly<Record<"chat" | RoomName, boolean>>;
  /** Those of the Pizza BOT. */
  rules: readonly DemoRule[];
  /** Newest first. */
  exchanges: readonly WireRow[];
  /** As it is on disk, whether the server runs or not; the newest jobs first. */
  inbox: { counts: Readonly<Record<JobState, number>>; jobs: readonly JobLine[] };
  troubles: ReadonlySet<Trouble>;
  /** By platform. */
  trials: ReadonlyMap<PlatformName, Trial>;
};
