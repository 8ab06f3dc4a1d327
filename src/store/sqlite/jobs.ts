import { z } from "zod";
import type { Job, JsonObject } from "../../job.ts";

/** Whatever JSON.parse makes is JSON all the way down: only the top is left to check. */
export const jsonText = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue("is not JSON");
      return z.NEVER;
    }
  })
  .pipe(
    z.custom<JsonObject>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  );

export const platformName = z.string();

/** What every row of `jobs` and `settled` says of the job itself. */
export const jobRow = z.object({
  key: z.string(),
  platform: platformName,
  lane: z.string(),
  quota: z.string(),
  payload: jsonText,
  progress: jsonText,
  attempts: z.number(),
  accepted_at: z.number(),
});

/** The latest that a date can be, in ms since 1970: what damage has left beyond it is read as that. */
export const LATEST_DATE = 8_640_000_000_000_000;

export function jobOf(row: z.infer<typeof jobRow>): Job {
  const { key, platform, lane, quota, payload, progress, attempts, accepted_at: acceptedAt } = row;
  return { key, platform, lane, quota, payload, progress, attempts, acceptedAt };
}

/**
 * To run whenever a job has left its lane: lets the one behind it go, unless another is at the head already. Returns the
 * quota of the one that may go now.
 */
export const NEXT_OF_LANE = `
  UPDATE jobs SET is_first = 1
  WHERE seq = (SELECT min(seq) FROM jobs WHERE lane = :lane) AND is_first = 0
  RETURNING platform, quota`;
