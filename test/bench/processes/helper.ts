import { fork } from "node:child_process";
import { basename } from "node:path";
import { z } from "zod";

export type Helper = {
  /** Throws what the method has thrown, or that the process has ended. */
  ask<Shape extends z.ZodType>(method: string, argument: unknown, answer: Shape): Promise<z.infer<Shape>>;
  pid: number;
  signal(name: NodeJS.Signals): void;
  kill(): void;
};

const answered = z.object({ id: z.number(), value: z.unknown().optional(), error: z.string().optional() });

/** Starts one of the benchmark's own processes; what it can be asked is what it gives to `serve`. */
export function startHelper(program: URL): Helper {
  // Nothing of our own environment: a proxy that is set for the machine would stand between the parts.
  const child = fork(program, {
    execArgv: [],
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  let asked = 0;

  child.on("message", (message) => {
    const { id, value, error } = answered.parse(message);
    if (error === undefined) pending.get(id)?.resolve(value);
    else pending.get(id)?.reject(new Error(error));
    pending.delete(id);
  });
  child.once("exit", () => {
    for (const { reject } of pending.values()) reject(new Error(`${basename(program.pathname)} has ended.`));
  });

  return {
    async ask(method, argument, answer) {
      const turn = Promise.withResolvers<unknown>();
      asked += 1;
      pending.set(asked, turn);
      child.send({ id: asked, method, argument });
      return answer.parse(await turn.promise);
    },
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    kill: () => void child.kill("SIGKILL"),
  };
}
