import { expect, test } from "vitest";
import { fingerprint } from "../../src/secrets.ts";
import { anInstallation } from "../support/jobs.ts";
import type { Kind } from "./contract.ts";

const SECRET = "webhook-secret-invented-1";

function withSecret(webhookSecret: string) {
  return { accessToken: "access-2", refreshToken: "refresh-2", webhookSecret };
}

export function installationsContract(kind: Kind): void {
  const licensesAt = async (place: string, ...secrets: string[]) =>
    (await kind.open(place, ...secrets)).installations.of("chatio");
  const fresh = () => licensesAt(kind.newPlace());

  test("an installation is found by its account and by its lookup, and by nothing else", async () => {
    const installations = await fresh();
    const installation = anInstallation();
    await installations.save(installation);
    expect(await installations.find("1520")).toEqual(installation);
    expect(await installations.findByLookup(fingerprint(SECRET))).toEqual(installation);
    expect(await installations.find("1521")).toBeNull();
    for (const secret of ["", `${SECRET} `, SECRET.toUpperCase(), "webhook-secret-invented"])
      expect(await installations.findByLookup(fingerprint(secret))).toBeNull();
  });

  test("installing again replaces the installation, with its lookup", async () => {
    const installations = await fresh();
    await installations.save(anInstallation({ botId: "old", needsReinstall: true }));
    const again = anInstallation({ botId: "new", credentials: withSecret("webhook-secret-invented-2") });
    await installations.save(again);
    expect(await installations.list()).toEqual([again]);
    expect(await installations.findByLookup(fingerprint("webhook-secret-invented-2"))).toEqual(again);
    expect(await installations.findByLookup(fingerprint(SECRET))).toBeNull();
  });

  test("an installation is replaced if it is still as it was read", async () => {
    const installations = await fresh();
    const read = anInstallation();
    await installations.save(read);
    const renewed = {
      ...read,
      credentials: withSecret(SECRET),
      botIsCurrent: false,
      expiresAt: read.expiresAt + 1,
    };
    expect(await installations.replace(renewed, read.credentials)).toBe(true);
    expect(await installations.list()).toEqual([renewed]);
    expect(await installations.findByLookup(fingerprint(SECRET))).toEqual(renewed);
  });

  test.each([
    ["access token", { accessToken: "access-3" }],
    ["refresh token", { refreshToken: "refresh-3" }],
    ["webhook secret", { webhookSecret: "webhook-secret-invented-3" }],
  ])("one whose %s has changed is not replaced", async (_which, change) => {
    const installations = await fresh();
    const read = anInstallation();
    const newer = anInstallation({ credentials: { ...read.credentials, ...change } });
    await installations.save(newer);
    expect(await installations.replace({ ...read, needsReinstall: true }, read.credentials)).toBe(false);
    expect(await installations.list()).toEqual([newer]);
  });

  test("a replacement does not bring back a removed account", async () => {
    const installations = await fresh();
    const read = anInstallation();
    await installations.save(read);
    await installations.remove("1520");
    expect(await installations.replace(read, read.credentials)).toBe(false);
    expect(await installations.list()).toEqual([]);
  });

  test("if two processes have read the same, only one replaces it", async () => {
    const place = kind.newPlace();
    const [one, other] = [await licensesAt(place), await licensesAt(place)];
    const read = anInstallation();
    await one.save(read);
    await other.find("1520");
    const [first, second] = [withSecret(SECRET), { ...withSecret(SECRET), refreshToken: "refresh-3" }];
    const ends = await Promise.all([
      one.replace({ ...read, credentials: first }, read.credentials),
      other.replace({ ...read, credentials: second }, read.credentials),
    ]);
    expect(ends.toSorted()).toEqual([false, true]);
    const kept = ends[0] ? first : second;
    expect(await one.find("1520")).toMatchObject({ credentials: kept });
  });

  test("any number of accounts are kept, and listed in numerical order", async () => {
    const installations = await fresh();
    const kept = ["7", "1520", "200000000000"].map((account) =>
      anInstallation({
        account,
        botId: `bot-${account}`,
        credentials: withSecret(`secret-${account}`),
      }),
    );
    for (const installation of kept.toReversed()) await installations.save(installation);
    expect(await installations.list()).toEqual(kept);
    expect(await installations.findByLookup(fingerprint("secret-7"))).toEqual(kept[0]);
  });

  test("a list shows what this process and others have changed since", async () => {
    const place = kind.newPlace();
    const [one, other] = [await licensesAt(place), await licensesAt(place)];
    const [first, second] = ["7", "1520"].map((account) =>
      anInstallation({ account, credentials: withSecret(`secret-${account}`) }),
    );
    if (!first || !second) throw new Error("there are two");
    await one.save(second);
    expect(await one.list()).toEqual([second]);
    await one.save(first);
    expect(await one.list()).toEqual([first, second]);
    const marked = { ...second, needsReinstall: true };
    expect(await other.replace(marked, second.credentials)).toBe(true);
    expect(await one.list()).toEqual([first, marked]);
    await one.remove("7");
    expect(await one.list()).toEqual([marked]);
    await other.remove("1520");
    expect(await one.list()).toEqual([]);
  });

  test("flags and times are kept", async () => {
    const installations = await fresh();
    for (const botIsCurrent of [true, false]) {
      for (const needsReinstall of [true, false]) {
        for (const botIsGone of [true, false]) {
          const flags = { botIsCurrent, needsReinstall, botIsGone };
          const installation = anInstallation({ ...flags, obtainedAt: 1, expiresAt: 2 });
          await installations.save(installation);
          expect(await installations.find("1520")).toEqual(installation);
        }
      }
    }
  });

  test("impossible times are kept as the nearest possible ones, in whole milliseconds", async () => {
    const installations = await fresh();
    await installations.save(anInstallation({ obtainedAt: -1e300, expiresAt: 1e16 }));
    expect(await installations.find("1520")).toMatchObject({ obtainedAt: 0, expiresAt: 8.64e15 });
    await installations.save(anInstallation({ obtainedAt: 1.4, expiresAt: 1.5 }));
    expect(await installations.find("1520")).toMatchObject({ obtainedAt: 1, expiresAt: 2 });
  });

  test.each([
    ["an account", { account: "" }],
    ["a time", { obtainedAt: Number.NaN }],
  ])("an installation without %s is refused, and the rest of the commit is kept", async (_what, wrong) => {
    const installations = await fresh();
    const good = anInstallation();
    const [kept, refused] = await Promise.allSettled([
      installations.save(good),
      installations.save(anInstallation({ ...wrong, credentials: withSecret("webhook-secret-invented-2") })),
    ]);
    expect([kept.status, refused.status]).toEqual(["fulfilled", "rejected"]);
    expect(await installations.list()).toEqual([good]);
  });

  test("a removed account is deleted, and only that one", async () => {
    const installations = await fresh();
    await installations.save(anInstallation());
    const other = anInstallation({ account: "1521", credentials: withSecret("webhook-secret-invented-2") });
    await installations.save(other);
    expect(await installations.remove("1520")).toBe(true);
    expect(await installations.remove("1520")).toBe(false);
    expect(await installations.list()).toEqual([other]);
    expect(await installations.findByLookup(fingerprint(SECRET))).toBeNull();
  });

  test("with another client secret the credentials can be neither read nor replaced until the bot is installed again or the first secret is back; deliveries are still recognized", async () => {
    const place = kind.newPlace();
    const installation = anInstallation();
    await (await licensesAt(place, "client-secret-1")).save(installation);
    const changed = await licensesAt(place, "client-secret-2");
    const unreadable = { ...installation, credentials: null };
    expect(await changed.replace(installation, installation.credentials)).toBe(false);
    expect(await changed.find("1520")).toEqual(unreadable);
    expect(await changed.findByLookup(fingerprint(SECRET))).toEqual(unreadable);
    expect(await changed.list()).toEqual([unreadable]);
    expect(await (await licensesAt(place, "client-secret-1")).find("1520")).toEqual(installation);
    await changed.save(installation);
    expect(await changed.find("1520")).toEqual(installation);
  });
}
