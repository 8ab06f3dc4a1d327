import { type ServerProcess, type ServerProcessOptions, startServerProcess } from "../server-process.ts";
import type { ServerState } from "./view.ts";

export type ServerSwitch = {
  state(): ServerState;
  /** Resolves when it answers. Throws with its output if it does not. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Ends it gracefully. */
  stop(): Promise<void>;
};

export type ServerSwitchOptions = ServerProcessOptions & {
  /** Called with the server once it runs, and with null once it has ended. */
  runs(server: Pick<ServerProcess, "url" | "name"> | null): void;
  /** Called when the state has changed. */
  changed(): void;
};

/** The server of the demo, which can be killed and started again. */
export function createServerSwitch({ runs, changed, ...options }: ServerSwitchOptions): ServerSwitch {
  let state: ServerState = "killed";
  let running: ServerProcess | null = null;

  function become(next: ServerState): void {
    state = next;
    changed();
  }

  async function start(): Promise<void> {
    if (state === "starting" || state === "running") return;
    become("starting");
    try {
      const server = await startServerProcess(options);
      running = server;
      runs(server);
      become("running");
      void server.ended.then(() => {
        if (running !== server) return;
        letGo();
        become("failed");
      });
    } catch (error) {
      become("failed");
      throw error;
    }
  }

  /** From now on its end is expected. */
  function letGo(): ServerProcess | null {
    const server = running;
    running = null;
    runs(null);
    return server;
  }

  return {
    state: () => state,
    start,
    async kill() {
      if (state !== "running") return;
      await letGo()?.kill();
      become("killed");
    },
    async stop() {
      await letGo()?.stop();
    },
  };
}
