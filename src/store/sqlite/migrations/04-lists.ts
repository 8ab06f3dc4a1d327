/**
 * For lists of a platform's or an account's jobs: `settled_by_platform` takes the place of `settled_by_state`, and
 * `settled_by_quota` is new. `jobs` gets no index: each would cost every job twice, and few jobs are unsettled. Attempts may
 * name their calls from here on (`history`), which the releases before cannot read. The SQL is part of the database: never
 * edit it.
 */
const CALLS_AND_LISTS = `
  DROP INDEX settled_by_state;
  CREATE INDEX settled_by_platform ON settled (platform, state, settled_at);
  CREATE INDEX settled_by_quota ON settled (quota, state, settled_at);`;

/** Those since attempts name their calls. New ones come last. */
export const LISTS: readonly string[] = [CALLS_AND_LISTS];
