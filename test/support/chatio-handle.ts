import { PlatformError, sentenceOf } from "../../src/errors.ts";
import type { Job, JsonObject } from "../../src/job.ts";
import { isRefusedAsInvalid } from "../../src/platforms/chatio/refusals.ts";
import { createHandle } from "../../src/platforms/keyword-bot/handle.ts";
import { createFakeChatio } from "./chatio.ts";
import { aJob } from "./jobs.ts";

/** More attempts than any test needs. */
const ENOUGH = 10;

/** A reaction to be made in chat-1, at its first attempt unless told otherwise. */
export function aReaction(overrides: Partial<Job> = {}): Job {
  const payload = { account: "1520", chatId: "chat-1", reply: "Pizza is on the way!" };
  return {
    ...aJob({ platform: "chatio", payload }),
    attempts: 1,
    acceptedAt: Date.now(),
    progress: {},
    ...overrides,
  };
}

/** The work on reactions, with the calls it makes and the progress it saves. */
export function createReactionDesk({ reactionMaxAgeMs = 3_600_000 } = {}) {
  const client = createFakeChatio();
  const renewalFailures: Error[] = [];
  const bot = { account: "1520", accessToken: "access", botId: "bot-1" };
  const handle = createHandle<typeof bot>({
    calls: { ...client, isOutOfPlace: isRefusedAsInvalid },
    use: (_account, call) =>
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

  return {
    client,
    saved,
    /** Lets the next saves of progress end so; null lets one through. */
    nextSaves: (...ends: (Error | null)[]) => void failingSaves.push(...ends),
    /** The next call that fails is followed by a renewal of tokens that fails so. */
    failAfterCall: (failure: Error) => void renewalFailures.push(failure),
    /** The calls made so far, without their details: "join", "send", "leave". */
    steps: () => client.calls.map((call) => STEPS[call.split(" ")[0] ?? ""] ?? call),

    /** One attempt: its outcome, or what it threw. */
    attempt: (job: Job): Promise<unknown> => handle(job, save).catch((error: unknown) => error),

    /** Attempts as the worker makes them, each with the progress of the one before, until one settles the job. */
    async untilSettled(job: Job): Promise<string> {
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

const STEPS: Readonly<Record<string, string>> = {
  join_chat: "join",
  send_event: "send",
  remove_from_chat: "leave",
};
