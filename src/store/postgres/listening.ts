import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Connections } from "./connections.ts";

const CHANNEL = "chatops_jobs";
/** Notifications are commits of their own, so not for every delivery; others look by themselves every second. */
const NOTIFY_EVERY_MS = 50;
const RECONNECT_AFTER_MS = 1000;

export type Listening = {
  /** Tells the other servers that there may be something to do. */
  tell(): void;
  stop(): Promise<void>;
};

/** Calls back when another server has accepted jobs. While the connection is broken, nothing is heard; it is made again. */
export function createListening(connections: Connections, name: string, heard: () => void): Listening {
  let isStopped = false;
  let client: pg.Client | null = null;
  let telling: NodeJS.Timeout | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  const listening = listen();

  async function listen(): Promise<void> {
    while (!isStopped) {
      await listenOnce().catch(() => {});
      if (!isStopped) await sleep(RECONNECT_AFTER_MS, undefined, { ref: false });
    }
  }

  /** Resolves when the connection ends. */
  async function listenOnce(): Promise<void> {
    const own = connections.separate();
    const ended = new Promise<void>((resolve) => {
      // Not once: a further error without a listener would end the process.
      own.on("error", () => resolve());
      own.once("end", () => resolve());
    });
    own.on("notification", ({ payload }) => {
      if (payload !== name) heard();
    });
    try {
      await own.connect();
      // pg cannot end a connection that is just being made.
      if (isStopped) return;
      client = own;
      await own.query(`LISTEN ${CHANNEL}`);
      heard();
      await ended;
    } finally {
      client = null;
      await own.end().catch(() => {});
    }
  }

  function notify(): void {
    telling = undefined;
    toldAt = performance.now();
    // If it is lost, the others look by themselves.
    connections.query("SELECT pg_notify($1, $2)", [CHANNEL, name]).catch(() => {});
  }

  return {
    tell() {
      if (telling !== undefined || isStopped) return;
      telling = setTimeout(notify, Math.max(toldAt + NOTIFY_EVERY_MS - performance.now(), 0));
    },
    async stop() {
      isStopped = true;
      clearTimeout(telling);
      await client?.end().catch(() => {});
      await listening;
    },
  };
}
