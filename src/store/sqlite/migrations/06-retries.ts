/**
 * What a retry would otherwise forget, since age and attempts start again with it: when the job was accepted at first (NULL:
 * it was never put back), and how many attempts are not counted any more. The SQL is part of the database: never edit it.
 */
const COLUMNS = `
  ALTER TABLE jobs ADD COLUMN first_accepted_at INTEGER;
  ALTER TABLE jobs ADD COLUMN earlier_attempts INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE settled ADD COLUMN first_accepted_at INTEGER;
  ALTER TABLE settled ADD COLUMN earlier_attempts INTEGER NOT NULL DEFAULT 0;`;

export const RETRIES: readonly string[] = [COLUMNS];
