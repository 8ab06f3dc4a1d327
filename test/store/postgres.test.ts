import { describe, expect, test } from "vitest";
import { hasPostgres, makeEmptyDatabase, newPostgresUrl, openTestPostgres } from "../support/postgres.ts";
import { storeContract } from "./contract.ts";

describe.skipIf(!hasPostgres())("on PostgreSQL", () => {
  storeContract({ newPlace: newPostgresUrl, open: openTestPostgres });

  test("servers that start at the same moment on an empty database all find it complete", async () => {
    const url = newPostgresUrl();
    await makeEmptyDatabase(url);

    const stores = await Promise.all(Array.from({ length: 9 }, () => openTestPostgres(url)));

    for (const { desk } of stores) expect(await desk.countByState()).toMatchObject({ waiting: 0, done: 0 });
  });
});
