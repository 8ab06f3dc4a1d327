import { isFinal, PlatformError } from "../../errors.ts";
import type { Job } from "../../job.ts";
import type { Act } from "../keyword-bot/handle.ts";
import { isTokenRefused } from "../keyword-bot/tokens.ts";
import type { Bot } from "./client.ts";
import { botOf, type LivechatInstallation } from "./installation.ts";

/** What is changed at LiveChat takes effect within two minutes; with half a minute to spare. */
const TAKES_EFFECT_MS = 150_000;

/** What is put right at LiveChat itself, and so takes its time. */
const SLOW = ["missing_access", "agent_offline"];

/** What puts right what a call in a chat was refused for. Each throws PlatformError. */
export type Remedies = {
  current(account: string): Promise<LivechatInstallation>;
  /** Throws that a reinstall is needed if the bot is gone. */
  checkBot(account: string): Promise<unknown>;
  reissue(account: string, botToken: string): Promise<LivechatInstallation>;
  joinGroups(account: string): Promise<void>;
  goOnline(account: string): Promise<void>;
};

/**
 * Makes calls in chats. One that is refused for something that can be put right is made once more after that. If it is
 * refused all the same, the error is retryable where what was put right may take effect later.
 */
export function createAct(remedies: Remedies): Act<Bot> {
  /** The installation to make the call with once more; null: nothing can be put right. */
  async function remedy(
    type: string | null,
    installation: LivechatInstallation,
  ): Promise<LivechatInstallation | null> {
    const { account, credentials } = installation;
    if (type === "authentication") return remedies.reissue(account, credentials.botToken);
    if (type === "missing_access") await remedies.joinGroups(account);
    else if (type === "agent_offline") await remedies.goOnline(account);
    // The chat, as a rule; but it may be the bot.
    else if (type === "not_found") await remedies.checkBot(account);
    return type !== null && SLOW.includes(type) ? remedies.current(account) : null;
  }

  return async function act(account, call) {
    const remedied = new Set<string | null>();
    let installation = await remedies.current(account);
    for (;;) {
      try {
        return await call(botOf(installation));
      } catch (error) {
        const type = isTokenRefused(error) ? "authentication" : typeOf(error);
        if (remedied.has(type)) throw asNotYetInEffect(error);
        remedied.add(type);
        const next = await remedy(type, installation);
        if (next === null) throw error;
        installation = next;
      }
    }
  };
}

function typeOf(error: unknown): string | null {
  return isFinal(error) ? error.type : null;
}

function asNotYetInEffect(error: unknown): unknown {
  if (!isFinal(error) || error.type === null || !SLOW.includes(error.type)) return error;
  return new PlatformError(error.message, { ...error, retryable: true, wasNotDone: true }, { cause: error });
}

/** What has been put right for longer than it takes to have an effect will not have one: retrying ends. */
export function withoutFurtherPatience(error: unknown, { acceptedAt }: Pick<Job, "acceptedAt">): unknown {
  const waits = error instanceof PlatformError && error.type !== null && SLOW.includes(error.type);
  if (!waits || Date.now() - acceptedAt < TAKES_EFFECT_MS) return error;
  return new PlatformError(
    error.message,
    { ...error, retryable: false, mustSucceed: false },
    { cause: error },
  );
}
