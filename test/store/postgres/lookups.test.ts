import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { anInstallation } from "../../support/jobs.ts";
import { hasPostgres, newPostgresUrl, openTestPostgres } from "../../support/postgres.ts";

describe.skipIf(!hasPostgres())("on PostgreSQL, installations that are looked for at once", () => {
  test("are found by one statement, each by whoever looks for it", async () => {
    const { installations } = await openTestPostgres(newPostgresUrl());
    const licenses = installations.of("chatio");
    for (const account of ["1", "2"])
      await licenses.save(anInstallation({ account, lookup: `of-${account}` }));
    const query = vi.spyOn(pg.Client.prototype, "query");
    onTestFinished(() => query.mockRestore());

    const lookups = ["of-2", "of-3", "of-1", "of-2"];
    const found = await Promise.all(lookups.map((lookup) => licenses.findByLookup(lookup)));
    const statements = query.mock.calls.map(([given]: unknown[]) => JSON.stringify(given));

    expect(found.map((one) => one?.account)).toEqual(["2", undefined, "1", "2"]);
    expect(statements.filter((text) => text.includes("chatops.installations"))).toHaveLength(1);
    const byAccount = await Promise.all(["2", "1", "4"].map((account) => licenses.find(account)));
    expect(byAccount.map((one) => one?.lookup)).toEqual(["of-2", "of-1", undefined]);
  });

  test("are each as somebody has saved it just before", async () => {
    const { installations } = await openTestPostgres(newPostgresUrl());
    const licenses = installations.of("chatio");
    await licenses.save(anInstallation({ botId: "bot-before" }));
    const before = licenses.find("1520");
    await licenses.save(anInstallation({ botId: "bot-after" }));

    expect((await licenses.find("1520"))?.botId).toBe("bot-after");
    await before;
  });
});
