import { expect, test } from "vitest";
import { adviceOnBackup, adviceOnWrite } from "../../../src/store/sqlite/advice.ts";
import { damage } from "../../../src/store/sqlite/result-codes.ts";

/** As SQLite reports it: https://sqlite.org/rescode.html#full. */
const FULL = Object.assign(new Error("database or disk is full"), { errcode: 13 });
/** As the file system does. */
const NO_SPACE = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

test.each([FULL, NO_SPACE])("where the disk is full, the advice is to make room: %s", (cause) => {
  expect(adviceOnWrite(cause)).toBe(" Make room on its disk.");
  expect(adviceOnBackup(cause, "/data/a.db")).toBe(" Make room on that disk, or name a file on another one.");
});

test("where the database is damaged, the advice leads to a backup", () => {
  expect(adviceOnWrite(damage("malformed"))).toContain("how to go on with a backup");
  expect(adviceOnBackup(damage("malformed"), "/data/a.db")).toContain(
    "put a backup in the place of /data/a.db",
  );
});
