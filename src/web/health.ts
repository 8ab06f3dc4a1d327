import type { RequestHandler, Response } from "express";
import type { DatabaseWatch } from "../health/database-watch.ts";
import type { Troubles } from "../health/troubles.ts";
import type { PlatformEntry } from "../platforms/platform.ts";

export type ReadinessOptions = {
  platforms: readonly PlatformEntry[];
  database: Pick<DatabaseWatch, "check">;
  /** What is failing or falling behind now. */
  troubles: () => Troubles;
};

/** Says only that the process answers, and which server it is, so that a caller can tell it from others. */
export function createHealth(server: string): RequestHandler {
  return (_req, res) => void res.json({ status: "ok", server });
}

/**
 * Answers whether deliveries would be kept and worked on. They are still kept while a platform fails. `full` is for operators
 * and says what is wrong. `brief` is for strangers and says which platform fails, but not why.
 */
export function createReadiness({ platforms, database: { check }, troubles }: ReadinessOptions) {
  async function look() {
    const database = await check();
    const { outages } = troubles();
    const found = platforms.map(({ description: { name, title }, platform }) => ({
      title,
      isSetUp: platform !== null,
      problem: platform?.problem() ?? null,
      isFailing: outages.some((outage) => outage.isWhole && outage.platform === name),
    }));
    const isSetUp = found.some((one) => one.isSetUp);
    const isReady = isSetUp && database === null && found.every(({ problem }) => problem === null);
    return { isReady, database, found };
  }

  function answer(res: Response, isReady: boolean, details: object): void {
    res.set("Cache-Control", "no-store").status(isReady ? 200 : 503);
    res.json({ status: isReady ? "ready" : "not ready", ...details });
  }

  const brief: RequestHandler = async (_req, res) => {
    const { isReady, found } = await look();
    const words = wordsFor(found, () => "failing");
    answer(res, isReady, words);
  };

  const full: RequestHandler = async (_req, res) => {
    const { isReady, database, found } = await look();
    const warnings = platforms.flatMap(({ platform }) => platform?.warnings() ?? []);
    answer(res, isReady, {
      database: database ?? "ok",
      warnings: [...sentencesOf(troubles()), ...warnings],
      ...wordsFor(found, (problem) => problem),
    });
  };

  return { brief, full };
}

function sentencesOf({ outages, backlog, pauses }: Troubles): string[] {
  const all = [...outages.map(({ sentence }) => sentence), ...(backlog === null ? [] : [backlog]), ...pauses];
  return all.map((sentence) => `${sentence}.`);
}

type Finding = { title: string; isSetUp: boolean; problem: string | null; isFailing: boolean };

function wordsFor(found: readonly Finding[], wordFor: (problem: string) => string): Record<string, string> {
  const word = ({ isSetUp, problem, isFailing }: Finding) => {
    if (!isSetUp) return "not set up";
    if (problem !== null) return wordFor(problem);
    return isFailing ? "failing" : "ok";
  };
  return Object.fromEntries(found.map((finding) => [finding.title, word(finding)]));
}
