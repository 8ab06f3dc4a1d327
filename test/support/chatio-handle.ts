import { PlatformError, sentenceOf } from "../../src/errors.ts";
import type { Job, JsonObject } from "../../src/job.ts";
import { createVisitCalls } from "../../src/platforms/chatio/visit.ts";
import { createHandle } from "../../src/platforms/keyword-bot/handle.ts";
import { startChatio } from "./chatio.ts";
import { aJob } from "./jobs.ts";

/** More attempts than any test needs. */
const ENOUGH = 10;

/** A reaction to be made in this chat, at its first attempt unless told otherwise. */
export function aReaction(chatId: string, overrides: Partial<Job> = {}): Job {
  const payload = { account: "1520", chatId, replies: [{ text: "Pizza is on the way!", to: "agents" }] };
  return {
    ...aJob({ platform: "chatio", payload }),
    attempts: 1,
    acceptedAt: Date.now(),
    progress: {},
    ...overrides,
  };
}

const STEPS: Readonly<Record<string, string>> = {
  join_chat: "join",
  send_event: "send",
  remove_from_chat: "leave",
};

/** The work on reactions in one chat, with the calls it makes and the progress it saves. */
export async function createReactionDesk({ reactionMaxAgeMs = 3_600_000 } = {}) {
  const client = await startChatio();
  const { sandbox } = client;
  const { botId, credentials } = await client.install("1");
  const bot = { account: "1520", accessToken: credentials.accessToken, botId };
  const chatId = sandbox.openChat(1520);
  const renewalFailures: Error[] = [];
  const handle = createHandle<typeof bot>({
    calls: createVisitCalls(client),
    act: (_account, call) =>
      call(bot).catch((error: unknown) => {
        throw renewalFailures.shift() ?? error;
      }),
    reactionMaxAgeMs,
  });
  const saved: JsonObject[] = [];
  const failingSaves: (Error | null)[] = [];

  async function save(progress: JsonObject): Promise<void> {
    saved.push(progress);
    const failure = failingSaves.shift();
    if (failure) throw failure;
  }

  const aJobHere = (overrides: Partial<Job>) => aReaction(chatId, overrides);

  return {
    client,
    chatId,
    next: client.next,
    saved,
    /** Lets the next saves of progress end so; null lets one through. */
    nextSaves: (...ends: (Error | null)[]) => void failingSaves.push(...ends),
    /** The next call that fails is followed by a renewal of tokens that fails so. */
    failAfterCall: (failure: Error) => void renewalFailures.push(failure),
    /** The bot is in the chat, of an earlier attempt. */
    async isInside() {
      await client.joinChat(bot, chatId);
      client.calls.length = 0;
    },
    /** The calls made so far, without their details: "join", "send", "leave". */
    steps: () => client.calls.map((call) => STEPS[call.split(" ")[0] ?? ""] ?? call),
    /** What the agents read of the bot, and whether it is in the chat now. */
    seen: () => ({
      said: sandbox.transcript(chatId).filter(({ author }) => author === "Pizza BOT"),
      isInside: sandbox.members(chatId).includes(botId),
    }),

    /** One attempt: its outcome, or what it threw. */
    attempt: (overrides: Partial<Job> = {}): Promise<unknown> =>
      handle(aJobHere(overrides), save).catch((error: unknown) => error),

    /** Attempts as the worker makes them, each with the progress of the one before, until one settles the job. */
    async untilSettled(overrides: Partial<Job> = {}): Promise<string> {
      const job = aJobHere(overrides);
      for (let attempts = job.attempts; attempts < job.attempts + ENOUGH; attempts += 1) {
        const progress = saved.at(-1) ?? job.progress;
        try {
          return `done: ${await handle({ ...job, attempts, progress }, save)}`;
        } catch (error) {
          if (error instanceof PlatformError && !error.retryable) return `dead: ${sentenceOf(error)}`;
        }
      }
      return "never settled";
    },
  };
}
