import { expect, test, vi } from "vitest";
import { stopClock } from "../support/clock.ts";
import type { Kind } from "./contract.ts";

export function serversContract(kind: Kind): void {
  test("a name is taken by the first who asks, until its time is over", async () => {
    stopClock();
    const { servers } = await kind.open(kind.newPlace());
    const first = await Promise.all([servers.once("state 1", 1000), servers.once("state 1", 1000)]);
    expect(first.toSorted()).toEqual([false, true]);
    expect(await servers.once("state 2", 1000)).toBe(true);
    vi.advanceTimersByTime(999);
    expect(await servers.once("state 1", 1000)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await servers.once("state 1", 1000)).toBe(true);
    expect(await servers.once("state 1", 1000)).toBe(false);
  });

  test("the latest finding of each name can be read", async () => {
    const { findings } = await kind.open(kind.newPlace());
    expect(await findings.read("webhooks")).toBeNull();
    await findings.write("webhooks", { hooks: [{ name: "one \u0000" }] });
    await findings.write("webhooks", { hooks: [] });
    await findings.write("others", { lookedAt: 1 });
    expect(await findings.read("webhooks")).toEqual({ hooks: [] });
    expect(await findings.read("others")).toEqual({ lookedAt: 1 });
  });

  test("a finding is still known after a restart", async () => {
    const place = kind.newPlace();
    const before = await kind.open(place);
    await before.findings.write("address", { publicUrl: "https://bots.example" });
    await before.close();
    const { findings } = await kind.open(place);
    expect(await findings.read("address")).toEqual({ publicUrl: "https://bots.example" });
  });

  test("what a server counts in a minute is there for the others, as it wrote it last", async () => {
    const { minutes, servers } = await kind.open(kind.newPlace());
    await minutes.write(29_000_000, { deliveries: 1 });
    await minutes.write(29_000_000, { deliveries: 2 });
    expect((await minutes.ofOthers(0)).counts).toEqual([]);
    expect(servers.own).toMatch(/^.+-[0-9a-f]{6}$/);
  });
}
