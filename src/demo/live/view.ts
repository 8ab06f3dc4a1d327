import type { Line } from "../../sandbox/chatio/index.ts";
import type { Exchange } from "../../sandbox/exchanges.ts";
import type { JobState } from "../../store/store.ts";

/** What can be made to go wrong, one switch each. */
export const TROUBLES = ["chatioFails", "webexLimits", "networkCut"] as const;
export type Trouble = (typeof TROUBLES)[number];

export const ROOMS = ["group", "direct"] as const;
export type RoomName = (typeof ROOMS)[number];

/** killed: by the person at the demo; failed: it has ended by itself. */
export type ServerState = "starting" | "running" | "killed" | "failed";

/** A job as the demo shows it. */
export type JobLine = {
  key: string;
  platform: string;
  state: JobState;
  attempts: number;
  /** When a waiting job is tried next, in ms since 1970. */
  nextAttemptAt: number;
};

/** Everything that the page shows. */
export type View = {
  serverUrl: string;
  licenseId: number;
  server: ServerState;
  /** Whether the Pizza BOT's agent is there and logged in. */
  isInstalled: boolean;
  /** The chat, oldest line first. */
  chat: readonly Line[];
  rooms: Readonly<Record<RoomName, readonly { author: string; text: string }[]>>;
  /** The newest first. */
  exchanges: readonly Exchange[];
  /** As it is on disk, which a server that was killed does not change. */
  inbox: { counts: Readonly<Record<JobState, number>>; jobs: readonly JobLine[] };
  troubles: ReadonlySet<Trouble>;
  /** Whether a webhook or a call has failed so far. */
  hasFailed: boolean;
};
