import type { JsonObject } from "../job.ts";

// What the processes on one database share.

/** Tells other processes on the database that something outside it has changed, such as webhooks. */
export type News = {
  tell(): Promise<void>;
  /** How often that was told: if it has changed, there is news. Both throw StoreError. */
  count(): Promise<number>;
};

/** A server on the database. Times in ms since 1970. */
export type ServerRecord = {
  readonly name: string;
  /** Of its release. */
  readonly version: string;
  readonly startedAt: number;
  /** When it last said that it is alive. */
  readonly beatAt: number;
  /** False: it has not done so for too long, and others do its jobs. */
  readonly isAlive: boolean;
};

/** The servers that share the database. With SQLite there is only this one. */
export type Servers = {
  /** The name of this process, which owns what it has in hand. */
  readonly own: string;
  /** In the order in which they started; also those that died within the last hour. */
  list(): Promise<ServerRecord[]>;
  /** Whether this is the one that does what one does for all, such as looking at webhooks. */
  leads(): boolean;
  /** True for the first who asks with this name, on any server; false for all others in the `forMs` milliseconds after. */
  once(name: string, forMs: number): Promise<boolean>;
  /** Calls back when another server has accepted jobs. */
  onJobsElsewhere(listener: () => void): void;
};

/** What one server has found out for all: the latest value of each name. Both throw StoreError. */
export type Findings = {
  write(name: string, value: JsonObject): Promise<void>;
  read(name: string): Promise<JsonObject | null>;
};

/** What each server counts in a minute, for all to add up. Minutes since 1970. Both throw StoreError. */
export type MinuteCounts = {
  /** Whether they outlive the server. */
  readonly areKept: boolean;
  /** Replaces what this server has counted in that minute. */
  write(minute: number, counts: JsonObject): Promise<void>;
  /**
   * What others have counted from that minute on; also those that are gone. `since`: when the first of them started, in ms
   * since 1970; null if there is none.
   */
  ofOthers(from: number): Promise<{
    readonly counts: readonly { readonly minute: number; readonly counts: JsonObject }[];
    readonly since: number | null;
  }>;
};
