import { expect, test } from "vitest";
import { measureRivals } from "./figures/rivals.ts";
import type { DripReport, Report } from "./load/order.ts";
import { plotRivals } from "./plot-rivals.ts";
import { rivalsTable } from "./report.ts";

const report: Report = { startedAt: 0, perSecond: 500, p50: 1, p99: 20, answers: {} };

/** A benchmark in which each of two deliveries is answered, and so many of their reactions end after the restart. */
function aBench(ended: readonly string[], rival: () => Promise<never>) {
  const started: string[] = [];
  const target = {
    url: "http://127.0.0.1:1",
    pid: 1,
    startedMs: 1,
    answers: { pizza: "", livechatPizza: "", smalltalk: "", balance: "", tenantPizza: "", slackPizza: "" },
    secrets: { chatio: "", livechat: "", webex: "" },
    async stop() {},
    kill() {},
  };
  const bench = {
    pace: { rounds: 1, roundMs: 1 },
    upstream: {
      setLatency: async () => {},
      reset: async () => {},
      endings: async () => Object.fromEntries(ended.map((place) => [place, 1])),
    },
    startOurs: async (name: string) => {
      started.push(name);
      return target;
    },
    startRival: rival,
    flood: async () => report,
    drip: async (): Promise<DripReport> => ({ ...report, dueAt: { "chat-1": 1, "chat-2": 2 } }),
  };
  return { bench, started };
}

const missing = () => Promise.reject(new Error("Cannot find package '@slack/bolt'"));

test("what was acknowledged and has not ended after a kill and a restart on the same data counts as lost", async () => {
  const { bench, started } = aBench(["chat-2"], missing);
  const rivals = await measureRivals(bench, () => {});
  expect(rivals).toEqual([
    { name: "chatops-server", acksPerSecond: 500, p99: 20, killed: { acknowledged: 2, lost: 1 } },
  ]);
  expect(started.slice(-2)).toEqual(["killed", "killed"]);
  expect(rivalsTable(rivals)).toMatch(/chatops-server +500\/s +20\.00 ms +1 of 2$/);
  expect(plotRivals(rivals)).toContain("1 of 2 lost by kill -9");
});

test("a rival that is not installed is left out and named; any other failure ends the run", async () => {
  const told: string[] = [];
  await measureRivals(aBench([], missing).bench, (line) => told.push(line));
  expect(told.at(-1)).toBe("  Bolt HTTPReceiver is not installed: npm install --no-save @slack/bolt");
  const broken = () => Promise.reject(new Error("did not start"));
  await expect(measureRivals(aBench([], broken).bench, () => {})).rejects.toThrow("did not start");
});
