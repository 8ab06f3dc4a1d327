import { expect, test } from "vitest";
import { adviceOnBackup, adviceOnWrite, damage } from "../../../src/store/sqlite/failures.ts";

/** As SQLite reports it: https://sqlite.org/rescode.html#full. */
const FULL = Object.assign(new Error("database or disk is full"), { errcode: 13 });
/** As the file system does. */
const NO_SPACE = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

test.each([FULL, NO_SPACE])("if the disk is full, the advice is to make room: %s", (cause) => {
  expect(adviceOnWrite(cause)).toBe(" Make room on its disk.");
  expect(adviceOnBackup(cause, "/data/a.db")).toBe(" Make room on that disk, or name a file on another one.");
});

test("if the database is damaged, the advice leads to a backup", () => {
  expect(adviceOnWrite(damage("malformed"))).toContain("how to restore a backup");
  expect(adviceOnBackup(damage("malformed"), "/data/a.db")).toContain("copy a backup to /data/a.db");
});
