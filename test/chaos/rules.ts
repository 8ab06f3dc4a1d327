import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Messages of one chat that have a reply of their own. */
export const MOST_IN_CHAT = 60;

/** What a customer writes as the n-th message of a chat, counted from 1, and how the bot replies. */
export function orderOf(n: number): { text: string; reply: string } {
  return { text: `pizza ${n} please`, reply: `Pizza ${n} is on the way!` };
}

/** Writes the rules by which the bot replies to orders; returns the path of the file. */
export function writeRules(folder: string): string {
  const path = join(folder, "reactions.json");
  const orders = Array.from({ length: MOST_IN_CHAT }, (_, at) => at + 1);
  const rules = orders.map((n) => ({ words: [`pizza ${n}`], reply: orderOf(n).reply }));
  writeFileSync(path, JSON.stringify(rules));
  return path;
}
