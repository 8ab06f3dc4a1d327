import { expect, test, vi } from "vitest";
import {
  addressChange,
  addressIsRight,
  createAddressWatch,
} from "../../../src/platforms/livechat/address.ts";
import { stopClock, turns } from "../../support/clock.ts";
import { createFindings } from "../../support/findings.ts";
import { createLogSink } from "../../support/log.ts";

const OLD = "https://old.example";
const NEW = "https://new.example";
const CHANGED =
  "The public address was https://old.example until 10:00 UTC. Change LiveChat's webhooks and the redirect URIs: npm run doctor -- --fix";

function createBench() {
  stopClock();
  const findings = createFindings();
  async function start(publicUrl: string) {
    const sink = createLogSink();
    const watch = createAddressWatch(findings, publicUrl, sink.log);
    await watch.start();
    return { ...watch, messages: sink.messages };
  }
  return { findings, start };
}

test("a changed address is logged at each start and stays a warning until the webhooks were looked at", async () => {
  const { findings, start } = createBench();
  expect((await start(OLD)).warnings()).toEqual([]);
  expect((await start(OLD)).messages()).toEqual([]);

  const moved = await start(NEW);
  expect(moved.messages()).toEqual([CHANGED]);
  expect(moved.warnings()).toEqual([CHANGED]);
  expect(await addressChange(findings)).toBe(CHANGED);
  vi.advanceTimersByTime(60_000);
  const restarted = await start(NEW);
  expect(restarted.warnings()).toEqual([CHANGED]);

  await addressIsRight(findings, NEW);
  restarted.lookAgain();
  await turns();
  expect(restarted.warnings()).toEqual([]);
  expect((await start(NEW)).messages()).toEqual([]);
});

test("a second change does not hide where the webhooks still lead, and going back ends the warning", async () => {
  const { start } = createBench();
  await start(OLD);
  await start(NEW);
  expect((await start("https://third.example")).warnings()).toEqual([CHANGED]);
  expect((await start(OLD)).warnings()).toEqual([]);
});

test("an address that a command has prepared before the restart is no change", async () => {
  const { findings, start } = createBench();
  await start(OLD);
  await addressIsRight(findings, NEW);
  expect((await start(NEW)).warnings()).toEqual([]);
});

test("a database that cannot be read keeps no server from starting", async () => {
  const { findings } = createBench();
  const broken = { ...findings, read: () => Promise.reject(new Error("gone")) };
  const watch = createAddressWatch(broken, NEW, createLogSink().log);
  await watch.start();
  expect(watch.warnings()).toEqual([]);
});
