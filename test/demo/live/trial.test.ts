import { expect, test } from "vitest";
import {
  follow,
  isOver,
  type Moment,
  NO_TRIAL,
  type Trial,
  type TrialJob,
} from "../../../src/demo/live/trial.ts";

const waiting = (key: string, attempts = 1): TrialJob => ({ key, state: "waiting", attempts, holder: null });
const inHand = (key: string, number: number, isDown = false): TrialJob => {
  return { key, state: "working", attempts: 1, holder: { number, isDown } };
};
const done = (key: string): TrialJob => ({ key, state: "done", attempts: 2, holder: null });
const dead = (key: string): TrialJob => ({ key, state: "dead", attempts: 2, holder: null });

const WELL: Moment = { isFailing: false, isServerDown: false, jobs: [] };

/** The trial after these moments. */
function after(...moments: Partial<Moment>[]): Trial {
  return moments.reduce((trial, moment) => follow(trial, { ...WELL, ...moment }), NO_TRIAL);
}

test("a job that is under way while nothing fails is no trial", () => {
  expect(after({ jobs: [waiting("a")] })).toEqual(NO_TRIAL);
  expect(after({ isServerDown: true, jobs: [waiting("a")] })).toEqual(NO_TRIAL);
});

test("the oldest job that waits while the platform fails is followed until it is done", () => {
  const failing = { isFailing: true, jobs: [waiting("b"), waiting("a"), done("z")] };
  expect(after(failing).job).toEqual(waiting("a"));
  expect(after(failing, { jobs: [done("b"), waiting("a", 5)] }).job).toEqual(waiting("a", 5));
  expect(after(failing, { jobs: [done("b"), done("a")] })).toEqual({ job: done("a"), hasOutlived: false });
});

test("a job that outlives the server and is done ends the trial for good", () => {
  const killed = [
    { isFailing: true, jobs: [waiting("a")] },
    { isFailing: true, isServerDown: true },
  ];
  expect(isOver(after(...killed))).toBe(false);
  const over = after(...killed, { isFailing: true, jobs: [waiting("b"), done("a")] });
  expect(over).toEqual({ job: done("a"), hasOutlived: true });
  expect(isOver(over)).toBe(true);
  expect(follow(over, { isFailing: true, isServerDown: true, jobs: [waiting("b")] })).toBe(over);
});

test("a job that first waits while the server is already down has outlived it", () => {
  expect(after({ isFailing: true, isServerDown: true, jobs: [waiting("a", 0)] }).hasOutlived).toBe(true);
});

test("a job done before the server was killed does not end the trial, and the next one begins anew", () => {
  const early = [{ isFailing: true, jobs: [waiting("a")] }, { jobs: [done("a")] }];
  expect(after(...early, { isServerDown: true, jobs: [done("a")] }).hasOutlived).toBe(false);
  const again = after(...early, { isFailing: true, jobs: [waiting("b"), done("a")] });
  expect(again).toEqual({ job: waiting("b"), hasOutlived: false });
});

test("a job that died, even one that outlived the server, proves nothing", () => {
  const killed = [
    { isFailing: true, jobs: [waiting("a")] },
    { isServerDown: true, jobs: [waiting("a")] },
  ];
  expect(after(...killed, { jobs: [dead("a")] })).toEqual(NO_TRIAL);
  expect(after(...killed, { isFailing: true, jobs: [waiting("b"), dead("a")] })).toEqual({
    job: waiting("b"),
    hasOutlived: false,
  });
});

test("of several servers it is the one with the job in hand whose end counts, until another has done it", () => {
  const failing = { isFailing: true, jobs: [inHand("a", 2)] };
  expect(after(failing).hasOutlived).toBe(false);
  const killed = [failing, { isFailing: true, jobs: [inHand("a", 2, true)] }];
  expect(after(...killed)).toEqual({ job: inHand("a", 2, true), hasOutlived: true });
  const over = after(...killed, { isFailing: true, jobs: [inHand("a", 3)] }, { jobs: [done("a")] });
  expect(isOver(over)).toBe(true);
});

test("a server that ends over another job changes nothing", () => {
  const killed = { isFailing: true, jobs: [inHand("b", 2, true), inHand("a", 1)] };
  expect(after({ isFailing: true, jobs: [inHand("a", 1)] }, killed).hasOutlived).toBe(false);
});

test("a job that is not among those looked at stays as it was", () => {
  expect(after({ isFailing: true, jobs: [waiting("a")] }, { jobs: [] }).job).toEqual(waiting("a"));
});
