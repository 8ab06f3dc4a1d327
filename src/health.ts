import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import { sentenceOf } from "./errors.ts";
import type { Platform } from "./platforms/platform.ts";

export type HealthOptions = {
  /** null: switched off. */
  platforms: { "chat.io": Platform | null; Webex: Platform | null };
  /** Throws when the database cannot be written. */
  checkStore: () => Promise<void>;
};

/** The process answers: that is all this says, and which process it is, for who wants to know whether it is this one. */
export function createHealth(): RequestHandler {
  const instance = randomUUID();
  return (_req, res) => void res.json({ status: "ok", instance });
}

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
      warnings: found.flatMap(([, platform]) => platform?.warnings() ?? []),
      ...Object.fromEntries(
        found.map(([name, platform]) => [name, platform ? (platform.problem() ?? "ok") : "not set up"]),
      ),
    });
  };
}
