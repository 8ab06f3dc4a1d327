import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { ChatioInstallation } from "../../src/platforms/chatio/installation.ts";
import { isDue } from "../../src/platforms/keyword-bot/lifetime.ts";
import { installationState } from "../../src/store/installation-state.ts";
import type { DueAccount, Installation, Installations } from "../../src/store/store.ts";
import { stopClock } from "../support/clock.ts";
import { anInstallation } from "../support/jobs.ts";
import type { Kind } from "./contract.ts";

const HOUR_MS = 3_600_000;
const HERE = "https://bots.example/webhook";
const clockToleranceMs = 60_000;

function aLicense(number: number, overrides: Partial<ChatioInstallation> = {}): ChatioInstallation {
  const { credentials } = anInstallation();
  const own = { ...credentials, webhookSecret: `webhook-secret-${number}` };
  return anInstallation({ account: String(number), credentials: own, ...overrides });
}

const overdue = () => ({ obtainedAt: Date.now() - HOUR_MS, expiresAt: Date.now() });
const fromTheFuture = () => ({ obtainedAt: Date.now() + HOUR_MS, expiresAt: Date.now() + 2 * HOUR_MS });

async function dueNow({ due }: Installations): Promise<number[]> {
  const found = await due({ after: null, limit: 1000, clockToleranceMs });
  return found.map(({ account }) => Number(account)).toSorted((a, b) => a - b);
}

/** All that is due, page by page. */
async function inPages({ due }: Installations, limit: number): Promise<number[][]> {
  const pages: number[][] = [];
  let after: DueAccount | null = null;
  do {
    const page: DueAccount[] = await due({ after, limit, clockToleranceMs });
    pages.push(page.map(({ account }) => Number(account)));
    after = page.length < limit ? null : (page.at(-1) ?? null);
  } while (after !== null);
  return pages;
}

export function installationSelectionContract(kind: Kind): void {
  const licensesAt = async (place: string, ...secrets: string[]) =>
    (await kind.open(place, ...secrets)).installations.of("chatio");
  const fresh = () => licensesAt(kind.newPlace());

  test("only those are due whose tokens are to be renewed or whose bot agent is not current", async () => {
    stopClock();
    const installations = await fresh();
    await Promise.all([
      installations.save(aLicense(1)),
      installations.save(aLicense(2, overdue())),
      installations.save(aLicense(3, { botIsCurrent: false })),
      installations.save(aLicense(4, fromTheFuture())),
      installations.save(aLicense(5, { ...overdue(), needsReinstall: true })),
      installations.save(aLicense(6, { obtainedAt: Date.now() + clockToleranceMs })),
    ]);
    expect(await dueNow(installations)).toEqual([2, 3, 4]);
    await installations.save(aLicense(2));
    await installations.remove("3");
    expect(await dueNow(installations)).toEqual([4]);
  });

  test("the database and the renewal have the same rule for what is due, at any times", async () => {
    stopClock();
    const installations = await fresh();
    const now = Date.now();
    const nearby = fc.integer({ min: now - 500 * 24 * HOUR_MS, max: now + 48 * HOUR_MS });
    const any = fc.oneof(
      nearby,
      fc.constantFrom(0, now, now + 60_000, now + 60_001, 8.64e15),
      fc.double({ noNaN: true }),
    );
    const lifetime = fc.oneof(
      fc.integer({ min: 60_000, max: 90 * 24 * HOUR_MS }),
      fc.constantFrom(0, -1, 1, 34_560_000_000, 34_560_000_001),
    );
    const moments = fc.oneof(
      fc.tuple(nearby, lifetime).map(([from, ms]) => [from, from + ms] as const),
      // As close to the renewal's time as can be.
      fc
        .tuple(lifetime, fc.integer({ min: -2, max: 2 }), fc.double({ min: 0.75, max: 0.8, noNaN: true }))
        .map(([ms, off, share]) => {
          const from = now - Math.round(Math.abs(ms) * share) + off;
          return [from, from + ms] as const;
        }),
      fc.tuple(any, any),
    );
    await fc.assert(
      fc.asyncProperty(moments, async ([obtainedAt, expiresAt]) => {
        await installations.save(aLicense(1, { obtainedAt, expiresAt }));
        const kept = await installations.find("1");
        if (kept === null) throw new Error("it was kept");
        expect((await dueNow(installations)).length === 1).toBe(isDue(kept, Date.now()));
      }),
      { numRuns: 300 },
    );
  });

  test("due accounts come in pages, each once, the most urgent first", async () => {
    stopClock();
    const installations = await fresh();
    const kinds = [{ botIsCurrent: false }, overdue(), fromTheFuture(), {}];
    const all = Array.from({ length: 40 }, (_, at) => aLicense(40 - at, kinds[at % kinds.length]));
    await Promise.all(all.map(installations.save));
    for (const limit of [1, 3, 10, 30, 31]) {
      const found = (await inPages(installations, limit)).flat();
      expect(found).toHaveLength(30);
      expect(new Set(found).size).toBe(30);
      expect(found.slice(0, 10).toSorted((a, b) => a - b)).toEqual([4, 8, 12, 16, 20, 24, 28, 32, 36, 40]);
    }
  });

  test("a clock that is set back far makes everything due, and nothing once it is right again", async () => {
    stopClock();
    const installations = await fresh();
    const now = Date.now();
    await Promise.all([1, 2, 3].map((number) => installations.save(aLicense(number))));
    vi.setSystemTime(now - 2 * HOUR_MS);
    expect((await inPages(installations, 2)).flat()).toEqual([1, 2, 3]);
    vi.setSystemTime(now);
    expect(await dueNow(installations)).toEqual([]);
  });

  test("those are working that need no reinstall and can be read; they come in pages, each once", async () => {
    const installations = await fresh();
    const all = [7, 1520, 200_000_000_000, 8].map((number) => aLicense(number));
    await Promise.all(all.map(installations.save));
    await installations.save(aLicense(8, { needsReinstall: true }));
    expect(await installations.working({ after: null, limit: 2 })).toEqual(["1520", "200000000000"]);
    expect(await installations.working({ after: "200000000000", limit: 2 })).toEqual(["7"]);
    expect(await installations.working({ after: "7", limit: 2 })).toEqual([]);
  });

  test("with another client secret none works, is due or expires, until it is installed again", async () => {
    const place = kind.newPlace();
    const before = await licensesAt(place, "client-secret-1");
    for (const number of [1, 2]) await before.save(aLicense(number, overdue()));
    const installations = await licensesAt(place, "client-secret-2");
    expect(await dueNow(installations)).toEqual([]);
    expect(await installations.working({ after: null, limit: 9 })).toEqual([]);
    expect(await installations.nextExpiry()).toBeNull();
    expect(await installations.countByState()).toEqual({ ok: 0, needs_reinstall: 0, unreadable: 2 });
    await installations.save(aLicense(2, overdue()));
    expect(await dueNow(installations)).toEqual([2]);
    expect(await installations.countByState()).toEqual({ ok: 1, needs_reinstall: 0, unreadable: 1 });
    expect(await before.countByState()).toEqual({ ok: 1, needs_reinstall: 0, unreadable: 1 });
  });

  test("counts and the next expiry agree with the list, whoever saves, replaces and removes", async () => {
    const url = fc.constantFrom("", HERE, "https://earlier.example/webhook");
    const step = fc.record({
      who: fc.constantFrom(0, 1, 2),
      what: fc.constantFrom("save", "replace", "remove"),
      number: fc.integer({ min: 1, max: 5 }),
      overrides: fc.record({
        needsReinstall: fc.boolean(),
        webhookUrl: url,
        expiresAt: fc.integer({ min: 1, max: 1e14 }),
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const place = kind.newPlace();
        const all = ["client-secret-1", "client-secret-1", "client-secret-2"];
        const processes = await Promise.all(all.map((secret) => licensesAt(place, secret)));
        for (const { who, what, number, overrides } of steps) {
          const installations = processes[who] ?? processes[0];
          const installation = aLicense(number, overrides);
          if (what === "save") await installations?.save(installation);
          else if (what === "replace") await installations?.replace(installation, installation.credentials);
          else await installations?.remove(String(number));
        }
        for (const installations of processes) await expectCounted(installations);
      }),
      { numRuns: 20 },
    );
  });
}

async function expectCounted(installations: Installations): Promise<void> {
  const all = await installations.list();
  const inState = (state: string) => all.filter((one: Installation) => installationState(one) === state);
  expect(await installations.countByState()).toEqual({
    ok: inState("ok").length,
    needs_reinstall: inState("needs_reinstall").length,
    unreadable: inState("unreadable").length,
  });
  expect(await installations.countElsewhere(HERE)).toBe(
    all.filter(({ webhookUrl }) => webhookUrl !== "" && webhookUrl !== HERE).length,
  );
  const expiries = inState("ok").map(({ expiresAt }) => expiresAt);
  expect(await installations.nextExpiry()).toBe(expiries.length === 0 ? null : Math.min(...expiries));
}
