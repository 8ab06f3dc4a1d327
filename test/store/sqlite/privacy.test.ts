import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { fingerprint } from "../../../src/secrets.ts";
import { aJob, anInstallation } from "../../support/jobs.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";

const SECRETS = {
  accessToken: "access-token-invented-d41d8cd9",
  refreshToken: "refresh-token-invented-8f00b204",
  webhookSecret: "webhook-secret-invented-e9800998",
};
const CLIENT_SECRET = "client-secret-invented-ecf8427e";

/** Every byte of the database and of the files that SQLite puts beside it. */
function bytesOf(path: string): Buffer {
  const folder = dirname(path);
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

test("none of the database's files contains a token or a secret, open or closed", async () => {
  const path = join(temporaryFolder(), "test.db");
  const store = openTestStore(path, CLIENT_SECRET);
  await store.installations
    .of("chatio")
    .save(anInstallation({ botId: "bot-in-plain-text", credentials: SECRETS }));
  await store.installations.of("chatio").findByLookup(fingerprint(SECRETS.webhookSecret));
  const open = bytesOf(path);
  await store.close();
  for (const bytes of [open, bytesOf(path)]) {
    expect(bytes.includes("bot-in-plain-text")).toBe(true);
    for (const secret of [...Object.values(SECRETS), CLIENT_SECRET]) {
      for (const encoding of ["utf8", "utf16le"] as const) {
        expect(bytes.includes(Buffer.from(secret, encoding))).toBe(false);
      }
      for (const encoding of ["base64", "hex"] as const) {
        expect(bytes.includes(Buffer.from(secret).toString(encoding).replace(/=+$/, ""))).toBe(false);
      }
    }
  }
});

test("a new folder for the database, and its files, are readable by the owner only", async () => {
  const path = join(temporaryFolder(), "new", "deeper", "test.db");
  const { inbox } = openTestStore(path);
  await inbox.accept([aJob()]);
  expect(modeOf(dirname(path))).toBe("700");
  expect(modeOf(dirname(dirname(path)))).toBe("700");
  const names = readdirSync(dirname(path)).sort();
  expect(names).toEqual(["test.db", "test.db-shm", "test.db-wal"]);
  expect(names.map((name) => modeOf(join(dirname(path), name)))).toEqual(["600", "600", "600"]);
});

test("an existing file is made unreadable for others", async () => {
  const path = join(temporaryFolder(), "test.db");
  writeFileSync(path, "");
  chmodSync(path, 0o644);
  const { inbox } = openTestStore(path);
  await inbox.accept([aJob()]);
  expect(["", "-wal", "-shm"].map((end) => modeOf(`${path}${end}`))).toEqual(["600", "600", "600"]);
});
