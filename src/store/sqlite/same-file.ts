import { statSync } from "node:fs";

/**
 * A check that throws once the file is no longer the one it is now. SQLite would go on writing into a file that was moved
 * or deleted, and say that all is well.
 */
export function sameFile(path: string): () => void {
  const { ino, dev } = statSync(path);
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.ino === ino && now.dev === dev) return;
    throw new Error(
      `${path} was moved or deleted while the server runs; stop the server, and put the file back`,
    );
  };
}
