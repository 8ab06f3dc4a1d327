import { expect, test, vi } from "vitest";
import { stopClock } from "../support/clock.ts";
import { anInstallation } from "../support/jobs.ts";
import type { Kind } from "./contract.ts";

const LEASE_MS = 20_000;

export function installationLeaseContract(kind: Kind): void {
  /** Two processes on one database, each as one of them sees the leases. */
  async function twoProcesses() {
    const place = kind.newPlace();
    const [one, other] = [
      (await kind.open(place)).installations.of("chatio"),
      (await kind.open(place)).installations.of("chatio"),
    ];
    return {
      one: (account = "1520") => one.lease(account, "one", LEASE_MS),
      other: (account = "1520") => other.lease(account, "other", LEASE_MS),
      oneReleases: () => one.release("1520", "one"),
      otherReleases: () => other.release("1520", "other"),
    };
  }

  test("one process has the lease of an account, and no other until that one releases it", async () => {
    const { one, other, oneReleases, otherReleases } = await twoProcesses();
    expect(await one()).toBe(true);
    expect(await other()).toBe(false);
    expect(await other("1521")).toBe(true);
    await otherReleases();
    expect(await other()).toBe(false);
    await oneReleases();
    expect(await other()).toBe(true);
    expect(await one()).toBe(false);
  });

  test("if two ask at once, one gets it", async () => {
    const { one, other } = await twoProcesses();
    expect((await Promise.all([one(), other()])).toSorted()).toEqual([false, true]);
  });

  test("a dead process's lease expires; one that is extended does not", async () => {
    stopClock();
    const { one, other } = await twoProcesses();
    await one();
    vi.setSystemTime(Date.now() + LEASE_MS - 1);
    expect(await other()).toBe(false);
    expect(await one()).toBe(true);
    vi.setSystemTime(Date.now() + LEASE_MS - 1);
    expect(await other()).toBe(false);
    vi.setSystemTime(Date.now() + 1);
    expect(await other()).toBe(true);
  });

  test("a clock that is set back neither makes a lease last for hours nor, by a little, ends one", async () => {
    stopClock();
    const { one, other } = await twoProcesses();
    await one();
    vi.setSystemTime(Date.now() - LEASE_MS);
    expect(await other()).toBe(false);
    vi.setSystemTime(Date.now() - 2 * 3_600_000);
    expect(await other()).toBe(true);
  });

  test("whoever gets a lease at once sees what its last owner wrote, even after an earlier read", async () => {
    const place = kind.newPlace();
    const [one, other] = [
      (await kind.open(place)).installations.of("chatio"),
      (await kind.open(place)).installations.of("chatio"),
    ];
    await one.save(anInstallation({ botId: "bot-before" }));
    // All of it in one turn of the event loop, in which a process asks only once what others have changed.
    const saved = other.save(anInstallation({ botId: "bot-after" }));
    const leased = one.lease("1520", "one", LEASE_MS);
    await one.find("1520");
    await saved;
    expect(await leased).toBe(true);
    expect(await one.find("1520")).toMatchObject({ botId: "bot-after" });
  });
}
