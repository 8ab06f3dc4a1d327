import { z } from "zod";
import { isoTime } from "../durations.ts";
import { ConfigError } from "../errors.ts";
import type { Mark } from "./transfer.ts";

/** A row of the table in which a store keeps the mark. */
export const markRow = z.object({
  kind: z.enum(["moved", "incoming"]),
  other: z.string(),
  at: z.number(),
});

/** What the database says to whoever writes to it although it was moved. */
export const REFUSAL = "its content was moved to another database (npm run migrate-store)";

/** Throws ConfigError, with what to do, if neither servers nor commands may use the database at this place. */
export function verifyUnmarked(mark: Mark | null, place: string): void {
  if (mark === null) return;
  const { kind, other, at } = mark;
  if (kind === "moved") {
    throw new ConfigError(
      `DATABASE_URL: everything in ${place} was moved to ${other} on ${isoTime(at)} UTC. Set DATABASE_URL to that database. To use this one again, as it was then, run: npm run migrate-store -- --reopen ${place}`,
    );
  }
  throw new ConfigError(
    `DATABASE_URL: what is in ${other} is being moved to ${place}, and not everything is here yet. Wait until npm run migrate-store has ended; if it was interrupted, run it again: it goes on where it stopped.`,
  );
}
