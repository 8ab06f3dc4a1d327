/**
 * What to do with a database that is to be replaced by a backup, as the end of a sentence or a sentence of its own. The
 * files beside it belong to the database that was there: SQLite would write the log's pages into the backup. They are kept
 * with it, since the newest jobs may be in them.
 *
 * @param real the database's real path: SQLite keeps its other files beside that
 */
export function howToRestore(real: string): string {
  return `stop the server, move ${real}, ${real}-wal and ${real}-shm to another folder, put a backup in the place of ${real}, then start the server`;
}
