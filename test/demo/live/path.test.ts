import { describe, expect, test } from "vitest";
import { controlOf, guideOf, type Situation, STAGES, type Task } from "../../../src/demo/live/path.ts";
import type { Trial } from "../../../src/demo/live/trial.ts";
import type { ServerState } from "../../../src/demo/live/view.ts";

const trial = (state: "waiting" | "working" | "done", attempts: number, hasOutlived: boolean): Trial => {
  return { job: { key: "a", state, attempts }, hasOutlived };
};
const NONE: Trial = { job: null, hasOutlived: false };
const FRESH = trial("waiting", 1, false);
const SEEN = trial("waiting", 4, false);
const EARLY = trial("done", 3, false);
const OUTLIVED = trial("waiting", 3, true);
const OVER = trial("done", 4, true);

const AT_FIRST: Situation = { trial: NONE, server: "running", isFailing: false, isNetworkCut: false };
const fails = { isFailing: true };
const cut = { isNetworkCut: true };

describe("the path through a failure says the one thing to do next", () => {
  test.each<[string, Partial<Situation>, string]>([
    ["at first", {}, "fail: fail"],
    ["while the platform fails", fails, "ask: ask"],
    ["once a job waits", { trial: FRESH, ...fails }, "wait: wait"],
    ["while it is tried", { trial: trial("working", 2, false), ...fails }, "wait: wait"],
    ["before its fourth try", { trial: trial("waiting", 3, false), ...fails }, "wait: wait"],
    ["once it has been tried a few times", { trial: SEEN, ...fails }, "kill: kill"],
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
    return [NONE, FRESH, SEEN, EARLY, OUTLIVED, OVER].flatMap((one) =>
      servers.flatMap((server) =>
        [false, true].flatMap((isFailing) =>
          [false, true].map((isNetworkCut) => ({ trial: one, server, isFailing, isNetworkCut })),
        ),
      ),
    );
  }
});

test.each<[Task, string | null, string | null]>([
  ["fail", "livechatFails", "chatioFails"],
  ["again", "livechatFails", "chatioFails"],
  ["fix", "livechatFails", "chatioFails"],
  ["reconnect", "networkCut", "networkCut"],
  ["ask", "pizza", "pizza"],
  ["wait", "inbox", "inbox"],
  ["kill", "server", "server"],
  ["start", "server", "server"],
  ["revive", "server", "server"],
  ["starting", null, null],
  ["read", "agents", "agents"],
  ["over", null, null],
])("the control of the task %s is that of the platform", (task, onLivechat, onChatio) => {
  expect(controlOf(task, "livechat")).toBe(onLivechat);
  expect(controlOf(task, "chatio")).toBe(onChatio);
});
