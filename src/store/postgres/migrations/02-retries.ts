/**
 * What a retry would otherwise forget, since age and attempts start again with it: when the job was accepted at first (NULL:
 * it was never put back), and how many attempts are not counted any more. Complete: never edited.
 */
export const RETRIES: readonly string[] = [
  `ALTER TABLE chatops.jobs
     ADD COLUMN first_accepted_at bigint,
     ADD COLUMN earlier_attempts integer NOT NULL DEFAULT 0;`,
];
