import type { RequestHandler, Response } from "express";
import type { DatabaseWatch } from "../health/database-watch.ts";
import type { Troubles } from "../health/troubles.ts";
import { decapitalized } from "../letter-case.ts";
import { deadJobsOf, deadJobsSentence } from "../operator/dead-jobs.ts";
import type { PlatformEntry } from "../platforms/platform.ts";
import type { InboxDesk } from "../store/store.ts";

export type ReadinessOptions = {
  platforms: readonly PlatformEntry[];
  database: Pick<DatabaseWatch, "check">;
  desk: Pick<InboxDesk, "countByState">;
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
export function createReadiness({ platforms, database: { check }, desk, troubles }: ReadinessOptions) {
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
    const warnings = await Promise.all(platforms.map((entry) => warningsOf(entry, desk)));
    answer(res, isReady, {
      database: database ?? "ok",
      warnings: [...sentencesOf(troubles()), ...warnings.flat()],
      ...wordsFor(found, (problem) => problem),
    });
  };

  return { brief, full };
}

function sentencesOf({ outages, backlog, pauses }: Troubles): string[] {
  const all = [...outages.map(({ sentence }) => sentence), ...(backlog === null ? [] : [backlog]), ...pauses];
  return all.map((sentence) => `${sentence}.`);
}

/** What needs attention at one platform, a sentence each, which names it. */
async function warningsOf(
  { description: { name, title }, platform }: PlatformEntry,
  desk: ReadinessOptions["desk"],
): Promise<string[]> {
  if (platform === null) return [];
  // Whether the database can be used is said apart.
  const dead = await deadJobsOf(desk, name).catch(() => null);
  return [...platform.warnings(), ...(dead === null ? [] : [deadJobsSentence(dead)])].map((says) =>
    says.includes(title) ? says : `${title}: ${decapitalized(says)}`,
  );
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
