import { createServerSwitch, type ServerSwitchOptions } from "./server-switch.ts";
import type { Holder, ServerLine } from "./view.ts";

export type Servers = {
  /** In the order of their numbers. */
  lines(): readonly ServerLine[];
  /** Starts all of them at the same moment. Throws if one does not start. */
  startAll(): Promise<void>;
  /** Starts the one of this number. Throws with its output if it does not start. Does nothing if there is none. */
  start(number: number): Promise<void>;
  kill(number: number): Promise<void>;
  /** Ends all of them gracefully. */
  stop(): Promise<void>;
  /** Which of them the store means by this name; null: none that has run so far. */
  holderOf(name: string): Holder | null;
};

export type ServersOptions = Omit<ServerSwitchOptions, "runs"> & {
  count: number;
  /** Called with the addresses of all that run now, whenever these change. */
  leadTo(urls: readonly string[]): void;
};

/** The servers of the demo, numbered from 1; each can be killed and started again. */
export function createServers({ count, leadTo, ...options }: ServersOptions): Servers {
  const urls = new Map<number, string>();
  /** A server has another name after each start. */
  const names = new Map<string, Holder>();
  const all = Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const runs = (server: { url: string; name: string } | null) => {
      for (const [name, { number: whose }] of names) {
        if (whose === number) names.set(name, { number, isDown: true });
      }
      urls.delete(number);
      if (server !== null) {
        urls.set(number, server.url);
        names.set(server.name, { number, isDown: false });
      }
      leadTo([...urls.values()]);
    };
    return createServerSwitch({ ...options, runs });
  });

  return {
    lines: () => all.map((one, index) => ({ number: index + 1, state: one.state() })),
    async startAll() {
      // All have ended their start before anybody stops them.
      const starts = await Promise.allSettled(all.map((one) => one.start()));
      for (const one of starts) if (one.status === "rejected") throw one.reason;
    },
    start: async (number) => all[number - 1]?.start(),
    kill: async (number) => all[number - 1]?.kill(),
    async stop() {
      await Promise.all(all.map((one) => one.stop()));
    },
    holderOf: (name) => names.get(name) ?? null,
  };
}
