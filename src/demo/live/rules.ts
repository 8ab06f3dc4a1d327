import { renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** As in the reactions file. */
export type DemoRule = { words: readonly string[]; reply: string; to: "agents" | "everyone" };

export type DemoRules = {
  /** Those that the server knows, oldest first. */
  inUse(): readonly DemoRule[];
  /** Adds a rule. Resolves once the server has had the time to read it; that it knows it is not certain. */
  add(rule: DemoRule): Promise<void>;
};

const AT_FIRST: DemoRule = { words: ["pizza", "pizzas"], reply: "Pizza is on the way!", to: "agents" };
/** As many as the server takes. */
const MOST_RULES = 500;
/** The server looks at the file once a second. */
const READ_WITHIN_MS = 1200;

/** The rules of the demo's Pizza BOT, in a file that the server reads. */
export function createDemoRules(path: string): DemoRules {
  const written = [AT_FIRST];
  let inUse: readonly DemoRule[] = [AT_FIRST];
  write();

  /** Never half of it: the server may look at any moment. */
  function write(): void {
    writeFileSync(`${path}.new`, JSON.stringify(written, null, 2));
    renameSync(`${path}.new`, path);
  }

  return {
    inUse: () => inUse,
    async add(rule) {
      if (written.length >= MOST_RULES) return;
      written.push(rule);
      const count = written.length;
      write();
      await sleep(READ_WITHIN_MS);
      inUse = written.slice(0, Math.max(count, inUse.length));
    },
  };
}
