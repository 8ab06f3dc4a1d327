import { describe, expect, test } from "vitest";
import {
  controlOf,
  guideOf,
  hindranceOf,
  isDetour,
  type Situation,
  STAGES,
  type Task,
} from "../../../src/demo/live/path.ts";
import type { Trial } from "../../../src/demo/live/trial.ts";
import type { Holder, ServerState } from "../../../src/demo/live/view.ts";

const trial = (
  state: "waiting" | "working" | "done",
  attempts: number,
  hasOutlived: boolean,
  holder: Holder | null = null,
): Trial => {
  return { job: { key: "a", state, attempts, holder }, hasOutlived };
};
const NONE: Trial = { job: null, hasOutlived: false };
const FRESH = trial("waiting", 1, false);
const SEEN = trial("waiting", 8, false);
const EARLY = trial("done", 3, false);
const OUTLIVED = trial("waiting", 3, true);
const OVER = trial("done", 4, true);
/** Of several servers, the second has it in hand, and may be down. */
const IN_HAND = trial("working", 1, false, { number: 2, isDown: false });
const ORPHANED = trial("working", 1, true, { number: 2, isDown: true });
const TAKEN_OVER = trial("working", 2, true, { number: 3, isDown: false });

const AT_FIRST: Situation = {
  trial: NONE,
  server: "running",
  areSeveral: false,
  isFailing: false,
  isNetworkCut: false,
};
const fails = { isFailing: true };
const cut = { isNetworkCut: true };

describe("the path through a failure says the one thing to do next", () => {
  test.each<[string, Partial<Situation>, string]>([
    ["at first", {}, "fail: fail"],
    ["while the platform fails", fails, "ask: ask"],
    ["once a job waits", { trial: FRESH, ...fails }, "wait: wait"],
    ["while it is tried", { trial: trial("working", 2, false), ...fails }, "wait: wait"],
    ["before its eighth try", { trial: trial("waiting", 7, false), ...fails }, "wait: wait"],
    ["once it has waited long enough to be seen", { trial: SEEN, ...fails }, "kill: kill"],
    ["once the server is killed", { trial: OUTLIVED, server: "killed", ...fails }, "start: start"],
    ["while the server starts", { trial: OUTLIVED, server: "starting", ...fails }, "start: starting"],
    ["once it runs again", { trial: OUTLIVED, ...fails }, "fix: fix"],
    ["once the platform works again", { trial: OUTLIVED }, "read: read"],
    ["once the job is done", { trial: OVER }, "read: over"],
  ])("%s", (_when, situation, next) => {
    const { stage, task } = guideOf({ ...AT_FIRST, ...situation });
    expect(`${stage}: ${task}`).toBe(next);
  });

  test.each<[string, Partial<Situation>, string]>([
    ["fixed before the kill, while the job still waits", { trial: SEEN }, "fail: again"],
    ["fixed before the kill, and the job is done", { trial: EARLY }, "fail: again"],
    ["failing once more after that", { trial: EARLY, ...fails }, "ask: ask"],
    ["killed before anything fails", { server: "killed" }, "fail: revive"],
    ["killed before anybody has asked", { server: "killed", ...fails }, "ask: revive"],
    ["ended by itself before anybody has asked", { server: "failed", ...fails }, "ask: revive"],
    ["started again before anybody has asked", { server: "starting", ...fails }, "ask: starting"],
    ["ended by itself while the job waits", { trial: OUTLIVED, server: "failed", ...fails }, "start: start"],
    ["fixed while the server is down", { trial: OUTLIVED, server: "killed" }, "start: start"],
    ["the network is cut instead", cut, "fail: reconnect"],
    ["the network is cut, too", { ...fails, ...cut }, "ask: reconnect"],
    ["the network is cut and the server killed", { server: "killed", ...cut }, "fail: revive"],
    ["the network is cut while a job waits", { trial: SEEN, ...cut }, "kill: kill"],
    ["only the network is still cut", { trial: OUTLIVED, ...cut }, "fix: reconnect"],
    ["both are to be fixed", { trial: OUTLIVED, ...fails, ...cut }, "fix: fix"],
    ["the server is killed after the end", { trial: OVER, server: "killed", ...fails }, "read: over"],
  ])("to somebody who strays: %s", (_how, situation, next) => {
    const { stage, task } = guideOf({ ...AT_FIRST, ...situation });
    expect(`${stage}: ${task}`).toBe(next);
  });

  test.each<[string, Partial<Situation>, string]>([
    ["at first", {}, "fail: fail"],
    ["while the platform fails", fails, "ask: ask"],
    ["until a server has the job in hand", { trial: SEEN, ...fails }, "wait: wait"],
    ["once one has it", { trial: IN_HAND, ...fails }, "kill: kill"],
    ["once that one is killed", { trial: ORPHANED, ...fails }, "start: takeover"],
    ["even if the platform works again", { trial: ORPHANED }, "start: takeover"],
    ["once another has it", { trial: TAKEN_OVER, ...fails }, "fix: fix"],
    ["while it waits after that", { trial: OUTLIVED, ...fails }, "fix: fix"],
    ["once the platform works again", { trial: TAKEN_OVER }, "read: read"],
    ["once the job is done", { trial: OVER }, "read: over"],
    ["fixed before the kill", { trial: IN_HAND }, "fail: again"],
    ["all of them are killed", { trial: ORPHANED, server: "killed", ...fails }, "start: revive"],
    ["all are killed and one starts", { trial: ORPHANED, server: "starting", ...fails }, "start: starting"],
    ["the network is cut as well", { trial: SEEN, ...fails, ...cut }, "wait: reconnect"],
  ])("with several servers: %s", (_when, situation, next) => {
    const { stage, task } = guideOf({ ...AT_FIRST, areSeveral: true, ...situation });
    expect(`${stage}: ${task}`).toBe(next);
  });

  test("in every situation: to press what can be pressed, and nothing that is done already", () => {
    const servers: ServerState[] = ["starting", "running", "killed", "failed"];
    for (const one of everySituation(servers)) {
      const { stage, task } = guideOf(one);
      const where = JSON.stringify(one);
      expect(STAGES, where).toContain(stage);
      if (task === "fail" || task === "again" || task === "ask" || task === "kill" || task === "fix")
        expect(one.server, where).toBe("running");
      if (task === "fail" || task === "again") expect(one.isFailing, where).toBe(false);
      if (task === "fix" || task === "ask") expect(one.isFailing, where).toBe(true);
      if (task === "reconnect") expect(one.isNetworkCut, where).toBe(true);
      if (task === "start" || task === "revive") expect(["killed", "failed"], where).toContain(one.server);
      if (task === "kill") expect(one.trial.job?.state, where).not.toBe("done");
      if (task === "read")
        expect([one.server, one.isFailing, one.isNetworkCut]).toEqual(["running", false, false]);
    }
  });

  function everySituation(servers: readonly ServerState[]): Situation[] {
    const both = [false, true];
    return [NONE, FRESH, SEEN, EARLY, OUTLIVED, OVER, IN_HAND, ORPHANED, TAKEN_OVER].flatMap((one) =>
      servers.flatMap((server) =>
        both.flatMap((areSeveral) =>
          both.flatMap((isFailing) =>
            both.map((isNetworkCut) => ({ trial: one, server, areSeveral, isFailing, isNetworkCut })),
          ),
        ),
      ),
    );
  }
});

test.each<[string, Partial<Situation>, string | null]>([
  ["nothing is off", {}, null],
  ["the server was killed", { server: "killed", ...fails, ...cut }, "revive"],
  ["the server has ended by itself", { server: "failed" }, "revive"],
  ["the server starts", { server: "starting" }, "starting"],
  ["the network is cut", { ...fails, ...cut }, "reconnect"],
  ["the platform fails", fails, "repair"],
])("in the steps before the last, while %s", (_when, situation, task) => {
  expect(hindranceOf({ ...AT_FIRST, ...situation })).toBe(task);
});

test.each<[string, Partial<Situation>, boolean]>([
  ["at first", {}, false],
  ["once the platform works again too early", { trial: SEEN }, false],
  ["once the server is down before anybody has asked", { server: "killed", ...fails }, true],
  ["while it starts after that", { server: "starting", ...fails }, true],
  ["while it starts with a job to do", { trial: OUTLIVED, server: "starting", ...fails }, false],
  ["while the network is cut", cut, true],
])("whether the task lies beside the path: %s", (_when, situation, is) => {
  expect(isDetour(guideOf({ ...AT_FIRST, ...situation }))).toBe(is);
});

test.each<[Task, string | null, string | null]>([
  ["fail", "livechatFails", "chatioFails"],
  ["again", "livechatFails", "chatioFails"],
  ["fix", "livechatFails", "chatioFails"],
  ["repair", "livechatFails", "chatioFails"],
  ["reconnect", "networkCut", "networkCut"],
  ["ask", "pizza", "pizza"],
  ["wait", "inbox", "inbox"],
  ["kill", "server", "server"],
  ["start", "server", "server"],
  ["revive", "server", "server"],
  ["starting", null, null],
  ["takeover", "inbox", "inbox"],
  ["read", "agents", "agents"],
  ["over", null, null],
])("the control of the task %s is that of the platform", (task, onLivechat, onChatio) => {
  expect(controlOf(task, "livechat")).toBe(onLivechat);
  expect(controlOf(task, "chatio")).toBe(onChatio);
});

test("of several servers, the one to kill has a control of its own", () => {
  expect(controlOf("kill", "livechat", "server-2")).toBe("server-2");
  expect(controlOf("wait", "livechat", "server-2")).toBe("inbox");
});
