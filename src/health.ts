import type { RequestHandler } from "express";
import { sentenceOf } from "./errors.ts";
import type { Platform } from "./platforms/platform.ts";

export type HealthOptions = {
  /** null: switched off. */
  platforms: { "chat.io": Platform | null; Webex: Platform | null };
  /** Throws when the database cannot be written. */
  checkStore: () => Promise<void>;
};

/** The process answers: that is all this says. */
export const answerHealth: RequestHandler = (_req, res) => {
  res.json({ status: "ok" });
};

/** Whether deliveries would be kept and worked on, and what stands in the way where not. */
export function createReadiness({ platforms, checkStore }: HealthOptions): RequestHandler {
  return async function answerReadiness(_req, res) {
    const database = await checkStore().then(
      () => null,
      (error: unknown) => sentenceOf(error),
    );
    const found = Object.entries(platforms);
    const problems = found.map(([, platform]) => platform?.problem() ?? null);
    const isSetUp = found.some(([, platform]) => platform !== null);
    const isReady = isSetUp && database === null && problems.every((problem) => problem === null);
    res.status(isReady ? 200 : 503).json({
      status: isReady ? "ready" : "not ready",
      database: database ?? "ok",
      ...Object.fromEntries(
        found.map(([name, platform]) => [name, platform ? (platform.problem() ?? "ok") : "not set up"]),
      ),
    });
  };
}
