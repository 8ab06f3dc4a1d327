import { z } from "zod";
import { sharedNow } from "../clock.ts";
import { startHelper } from "../processes/helper.ts";
import {
  type Behaviour,
  type Installed,
  type InstalledOrganization,
  installed,
  installedOrganization,
  type Question,
  question,
} from "./facts.ts";

const urls = z.object({ chatio: z.string(), livechat: z.string(), webex: z.string() });

/** The stand-ins of all platforms in a process of their own, in which nothing of the calls is kept. */
export type Upstream = {
  urls: z.infer<typeof urls>;
  /** Installs the bot on these licenses; each server has an installation of its own. */
  install(licenses: readonly number[]): Promise<Installed[]>;
  /** Installs the bot in LiveChat's organization; each server has a bot of its own. */
  installAtLivechat(): Promise<InstalledOrganization>;
  /** So many chats of the license in which nobody has written yet, by their ids. */
  openChats(licenseId: number, count: number): Promise<string[]>;
  /** The same of LiveChat's organization. */
  openLivechatChats(count: number): Promise<string[]>;
  /** So many messages in which globobot is asked for a balance, each in a room of its own. */
  ask(count: number): Promise<Question[]>;
  /** Milliseconds from a whole request to its answer, from now on. */
  setLatency(ms: number): Promise<void>;
  /** Answers nothing until it is released. */
  hold(): Promise<void>;
  /** Returns when, on the shared clock. */
  release(): number;
  /** How the calls of these licenses are answered from now on; a call that hangs is never answered. */
  behave(licenses: readonly number[], how: Behaviour): Promise<void>;
  /**
   * When the last call of the reaction in each chat or room was answered, on the shared clock, by its id. Waits for all of
   * them, for at most `patienceMs`.
   */
  endings(places: readonly string[], patienceMs: number): Promise<Record<string, number>>;
  /** Counts from 0 again. */
  reset(): Promise<void>;
  /**
   * Resolves once that many calls of this name are answered since the last reset ("refused": with 503): when, on the shared
   * clock. To be asked before it happens.
   */
  reached(name: string, count: number): Promise<number>;
  pid: number;
  kill(): void;
};

const nothing = z.undefined();

export async function startUpstream(): Promise<Upstream> {
  const { ask, pid, signal, kill } = startHelper(new URL("main.ts", import.meta.url));
  return {
    urls: await ask("urls", undefined, urls),
    install: (licenses) => ask("install", licenses, z.array(installed)),
    openChats: (licenseId, count) => ask("openChats", { licenseId, count }, z.array(z.string())),
    installAtLivechat: () => ask("installAtLivechat", undefined, installedOrganization),
    openLivechatChats: (count) => ask("openLivechatChats", count, z.array(z.string())),
    ask: (count) => ask("ask", count, z.array(question)),
    setLatency: (ms) => ask("setLatency", ms, nothing),
    async hold() {
      // Whatever it was asked before is known to it by then.
      await ask("urls", undefined, urls);
      signal("SIGSTOP");
    },
    release() {
      const at = sharedNow();
      signal("SIGCONT");
      return at;
    },
    behave: (licenses, how) => ask("behave", { licenses, how }, nothing),
    endings: (places, patienceMs) => ask("endings", { places, patienceMs }, z.record(z.string(), z.number())),
    reset: () => ask("reset", undefined, nothing),
    reached: (name, count) => ask("reached", { name, count }, z.number()),
    pid,
    kill,
  };
}
