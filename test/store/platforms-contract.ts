import { expect, test } from "vitest";
import type { InstallationWithCredentials, Store } from "../../src/store/store.ts";
import { anInstallation } from "../support/jobs.ts";
import type { Kind } from "./contract.ts";

const HERE = "https://bots.example/webhook";

/** Of another platform, with credentials of its own kind. */
function anotherInstallation(
  overrides: Partial<InstallationWithCredentials> = {},
): InstallationWithCredentials {
  return {
    ...anInstallation(),
    platform: "webex",
    credentials: { botToken: "bot-token-invented" },
    ...overrides,
  };
}

export function platformsContract(kind: Kind): void {
  /** The same account on two platforms, found by the same lookup, due, and sending its webhooks elsewhere. */
  async function bothInstalled() {
    const store = await kind.open(kind.newPlace());
    const care = { botIsCurrent: false, webhookUrl: "https://earlier.example/webhook" };
    const [one, other] = [anInstallation({ ...care, expiresAt: 1000 }), anotherInstallation(care)];
    await store.installations.of("chatio").save(one);
    await store.installations.of("webex").save(other);
    return { ...both(store), all: store.installations, one, other };
  }

  function both({ installations }: Pick<Store, "installations">) {
    return { chatio: installations.of("chatio"), webex: installations.of("webex") };
  }

  test("the same account on two platforms is two installations", async () => {
    const { chatio, webex, all, one, other } = await bothInstalled();
    expect(await chatio.find("1520")).toEqual(one);
    expect(await webex.find("1520")).toEqual(other);
    expect(await chatio.findByLookup(one.lookup ?? "")).toEqual(one);
    expect(await webex.findByLookup(one.lookup ?? "")).toEqual(other);
    expect(await chatio.list()).toEqual([one]);
    expect(await webex.list()).toEqual([other]);
    expect(await all.list()).toEqual([one, other]);
  });

  test("neither counts or selects the other's, or knows when they expire", async () => {
    const { chatio, webex, all, other } = await bothInstalled();
    await webex.save({ ...other, account: "1521", lookup: null, needsReinstall: true });
    const ofChatio = { ok: 1, needs_reinstall: 0, unreadable: 0 };
    const ofWebex = { ok: 1, needs_reinstall: 1, unreadable: 0 };
    expect(await chatio.countByState()).toEqual(ofChatio);
    expect(await webex.countByState()).toEqual(ofWebex);
    expect([...(await all.countByState())]).toEqual([
      ["chatio", ofChatio],
      ["webex", ofWebex],
    ]);
    expect(await chatio.countElsewhere(HERE)).toBe(1);
    expect(await webex.countElsewhere(HERE)).toBe(2);
    const query = { after: null, limit: 9, clockToleranceMs: 0 };
    expect(await chatio.due(query)).toEqual([{ account: "1520", dueAt: 0 }]);
    expect(await chatio.working(query)).toEqual(["1520"]);
    expect(await webex.working(query)).toEqual(["1520"]);
    expect(await chatio.nextExpiry()).toBe(1000);
    expect(await webex.nextExpiry()).toBe(other.expiresAt);
  });

  test("neither replaces or removes the other's", async () => {
    const { chatio, webex, one, other } = await bothInstalled();
    expect(await webex.replace({ ...other, needsReinstall: true }, one.credentials)).toBe(false);
    expect(await webex.remove("1520")).toBe(true);
    expect(await webex.find("1520")).toBeNull();
    expect(await chatio.find("1520")).toEqual(one);
    expect(await chatio.countByState()).toEqual({ ok: 1, needs_reinstall: 0, unreadable: 0 });
  });

  test("an installation is not kept among those of another platform", async () => {
    const { installations } = await kind.open(kind.newPlace());
    await expect(installations.of("webex").save(anInstallation())).rejects.toThrow("another platform");
    expect(await installations.list()).toEqual([]);
  });

  test("a lease of an account blocks nobody on the other platform", async () => {
    const { chatio, webex } = both(await kind.open(kind.newPlace()));
    expect(await chatio.lease("1520", "one", 20_000)).toBe(true);
    expect(await webex.lease("1520", "other", 20_000)).toBe(true);
    await webex.release("1520", "other");
    expect(await chatio.lease("1520", "other", 20_000)).toBe(false);
  });

  test("any number of accounts can be without a lookup", async () => {
    const { webex } = both(await kind.open(kind.newPlace()));
    const all = ["a4c7e9d1-organization", "b5d8f0e2-organization"].map((account) =>
      anotherInstallation({ account, lookup: null, details: { region: "fra" } }),
    );
    await Promise.all(all.map(webex.save));
    expect(await webex.list()).toEqual(all);
  });
}
