import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { LICENSES } from "../../../src/platforms/chatio/installation.ts";
import { createChatioInstaller } from "../../../src/platforms/chatio/installer.ts";
import { createAccountLock } from "../../../src/platforms/keyword-bot/account-lock.ts";
import { chatioOptions, startChatio } from "../../support/chatio.ts";
import { createChatioKeeper } from "../../support/chatio-tokens.ts";
import { passTime, stopClock, turns } from "../../support/clock.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";
import { createBarrier } from "../../support/worker.ts";

const LEASE_MS = 20_000;
const PATIENCE_MS = 40_000;

/** Two processes on one database, of which one is at work on license 1520 until the gate opens. */
async function createOccupied() {
  stopClock();
  const path = join(temporaryFolder(), "test.db");
  const [one, other] = [openTestStore(path), openTestStore(path)].map(({ installations }) =>
    installations.of("chatio"),
  );
  if (!one || !other) throw new Error("there are two");
  const stopping = new AbortController();
  const gate = createBarrier();
  const atWork = createAccountLock({ kind: LICENSES, installations: one }).run("1520", gate.pass);
  await expect.poll(() => gate.waiting(), { interval: 1 }).toBe(1);
  return {
    gate,
    atWork,
    installations: other,
    stopping,
    lock: createAccountLock({ kind: LICENSES, installations: other, stopping: stopping.signal }).run,
  };
}

test("two processes work on one license one after the other, and on different licenses at the same time", async () => {
  const { atWork, gate, lock } = await createOccupied();
  const done: string[] = [];
  const second = lock("1520", async () => void done.push("1520"));
  await lock("1521", async () => void done.push("1521"));
  await passTime(1000, 250);
  expect(done).toEqual(["1521"]);

  gate.open();
  await atWork;
  await passTime(250, 250);
  await second;
  expect(done).toEqual(["1521", "1520"]);
});

test("while a license is in use for long, whoever waits for it gives up after 40 s and changes nothing", async () => {
  const { gate, lock } = await createOccupied();
  const refused = expect(
    lock("1520", () => Promise.reject(new Error("not to be done"))),
  ).rejects.toMatchObject({
    message:
      "License 1520 is being changed by another process, the server or a command. Try again in a minute.",
    wasAsked: false,
    retryable: true,
  });
  await passTime(PATIENCE_MS + 500, 250);
  await refused;
  gate.open();
});

test("a process that has died blocks the others for at most 20 s", async () => {
  stopClock();
  const installations = openTestStore().installations.of("chatio");
  await installations.lease("1520", "a process that has died", LEASE_MS);
  const work = createAccountLock({ kind: LICENSES, installations }).run("1520", async () => "done");
  await passTime(LEASE_MS, 250);
  expect(await work).toBe("done");
});

test("a process that stops does not wait for another", async () => {
  const { gate, lock, stopping } = await createOccupied();
  const refused = expect(lock("1520", async () => {})).rejects.toThrow("being changed by another process");
  await turns();
  stopping.abort();
  await passTime(250, 250);
  await refused;
  gate.open();
});

test("waiting until idle waits for all work under way", async () => {
  const gate = createBarrier();
  const { run, idle } = createAccountLock({
    kind: LICENSES,
    installations: openTestStore().installations.of("chatio"),
  });
  const works = [run("1520", gate.pass), run("1520", gate.pass), run("1521", gate.pass)];
  const seen: string[] = [];
  const waiting = idle().then(() => seen.push("idle"));
  for (const left of [2, 1]) {
    await expect.poll(() => gate.waiting(), { interval: 1 }).toBe(left);
    expect(seen).toEqual([]);
    gate.open();
  }
  await Promise.all([...works, waiting]);
  expect(seen).toEqual(["idle"]);
});

test("work that fails releases the license, too", async () => {
  const installations = openTestStore().installations.of("chatio");
  const failing = createAccountLock({ kind: LICENSES, installations }).run("1520", () =>
    Promise.reject(new Error("broken")),
  );
  await expect(failing).rejects.toThrow("broken");
  expect(await createAccountLock({ kind: LICENSES, installations }).run("1520", async () => "done")).toBe(
    "done",
  );
});

/** License 1520 is installed, and a browser installs it again while a command is at work on it. */
async function createReinstallation() {
  const occupied = await createOccupied();
  const client = await startChatio();
  const old = await client.install("old");
  await occupied.installations.save(anInstallation(old));
  const { log } = createLogSink();
  const { installations, lock: oneAtATime } = occupied;
  const installer = createChatioInstaller({ ...chatioOptions, client, installations, oneAtATime, log });
  const kept = async () => client.nameOf((await installations.find("1520"))?.credentials?.accessToken ?? "");
  const installed = installer.install(client.code(), null).then(
    () => "installed",
    (error: unknown) => String(error),
  );
  while (client.calls.length < 2) await nextTurn();
  await client.idle();
  return { ...occupied, client, installed, kept };
}

test("an installation in the browser waits until a command has finished with the license, then wins", async () => {
  const { atWork, client, gate, installations, installed, kept } = await createReinstallation();
  await passTime(1000, 250);
  expect(client.calls).toEqual(["exchange", "info access-new-1"]);

  await installations.remove("1520");
  gate.open();
  await atWork;
  await passTime(250, 250);
  expect(await installed).toBe("installed");

  expect(client.calls[2]).toMatch(/^create_bot_agent access-new-1 /);
  expect(await kept()).toBe("access-new-1");
});

test("an installation that waits in vain revokes its token and changes nothing", async () => {
  const { client, gate, installed, kept } = await createReinstallation();
  await passTime(PATIENCE_MS + 500, 250);
  expect(await installed).toContain("being changed by another process");
  gate.open();

  expect(client.calls.at(-1)).toBe("revoke access-new-1");
  expect(await kept()).toBe("access-old");
});

test("when jobs of two servers meet an expired token, it is renewed once, and both use the new one", async () => {
  const path = join(temporaryFolder(), "test.db");
  const client = await startChatio();
  const { log } = createLogSink();
  const keepers = [openTestStore(path), openTestStore(path)].map((store) => {
    const installations = store.installations.of("chatio");
    const oneAtATime = createAccountLock({ kind: LICENSES, installations }).run;
    return createChatioKeeper({ client, installations, oneAtATime, log });
  });
  await openTestStore(path)
    .installations.of("chatio")
    .save(anInstallation(await client.install("old")));
  client.expire();

  const joins = Array.from({ length: 10 }, () =>
    keepers.map((keeper) => keeper.use("1520", (bot) => client.joinChat(bot, client.sandbox.openChat(1520)))),
  );
  await Promise.all(joins.flat());

  expect(client.calls.filter((call) => call.startsWith("refresh"))).toEqual(["refresh refresh-old"]);
  expect(client.calls.filter((call) => call === "join_chat access-new-1")).toHaveLength(20);
});
