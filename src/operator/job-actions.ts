import type { Request, RequestHandler } from "express";
import { Forged, Malformed } from "../errors.ts";
import type { PlatformName } from "../job.ts";
import type { Log } from "../log.ts";
import { isSame } from "../secrets.ts";
import type { InboxDesk } from "../store/store.ts";
import { jobPath, listPath, readJobsQuery } from "./jobs-query.ts";
import type { NoticeName } from "./pages/forms.ts";

export type JobActionsOptions = {
  desk: Pick<InboxDesk, "find" | "retry" | "retryAllDead" | "drop">;
  platforms: readonly PlatformName[];
  /** Proves that a form was sent from one of our pages. */
  csrf: string;
  /** Called after dead jobs were put back. */
  jobsPutBack: () => void;
  log: Log;
};

/** What the forms do: `retry` puts dead jobs back, `drop` deletes a job. Both may throw StoreError. */
export function createJobActions({ desk, platforms, csrf, jobsPutBack, log }: JobActionsOptions) {
  function verify(req: Request): void {
    if (!isSame(fieldOf(req, "csrf") ?? "", csrf))
      throw new Forged(
        "The form was sent from another site, or before a secret was changed in the settings. Go back to /status and try again.",
      );
  }

  /** Back to the page that the form is on; to the list if the job's page is no more. */
  async function pageAfter(req: Request, key: string | null, notice: NoticeName): Promise<string> {
    const isOnJobsPage = key !== null && fieldOf(req, "page") === "job" && (await desk.find(key)) !== null;
    if (isOnJobsPage) return jobPath(key, notice);
    return listPath(
      readJobsQuery((name) => fieldOf(req, name), platforms),
      notice,
    );
  }

  const retry: RequestHandler = async (req, res) => {
    verify(req);
    const key = fieldOf(req, "key");
    if (key === null && fieldOf(req, "all") !== "dead") throw new Malformed("The form names no job.");
    res.redirect(303, await pageAfter(req, key, await putBack(key)));
  };

  async function putBack(key: string | null): Promise<NoticeName> {
    const count = key === null ? await desk.retryAllDead() : Number(await desk.retry(key));
    if (count === 0) return key === null ? "none-dead" : "not-dead";
    log.info(key === null ? { jobs: count } : { job: key }, "The operator put dead jobs back.");
    jobsPutBack();
    return key === null ? "all-retried" : "retried";
  }

  const drop: RequestHandler = async (req, res) => {
    verify(req);
    const key = fieldOf(req, "key");
    if (key === null) throw new Malformed("The form names no job.");
    const isDropped = await desk.drop(key);
    if (isDropped) log.info({ job: key }, "The operator dropped a job.");
    res.redirect(303, await pageAfter(req, key, isDropped ? "dropped" : "not-dropped"));
  };

  return { retry, drop };
}

/** A field of the form; null if it is missing or appears twice. */
function fieldOf({ body }: Request, name: string): string | null {
  const value: unknown = body?.[name];
  return typeof value === "string" ? value : null;
}
