import { expect, test } from "vitest";
import { createOneAtATime } from "../../../src/platforms/keyword-bot/account-lock.ts";
import { createBarrier } from "../../support/worker.ts";

/** Lets everything that can go on without the gate go on. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("work on one key runs one at a time, in the order of the calls", async () => {
  const oneAtATime = createOneAtATime();
  const gate = createBarrier();
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await gate.pass();
    seen.push(`${name} ends`);
  };

  const all = Promise.all([oneAtATime("1", work("a")), oneAtATime("1", work("b"))]);
  await turn();
  expect(seen).toEqual(["a begins"]);
  gate.open();
  await turn();
  expect(seen).toEqual(["a begins", "a ends", "b begins"]);
  gate.open();
  await all;
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("a call while later work is under way waits for that, too", async () => {
  const oneAtATime = createOneAtATime();
  const gate = createBarrier();
  const first = oneAtATime("1", gate.pass);
  const second = oneAtATime("1", gate.pass);
  await turn();
  gate.open();
  await first;
  await turn();
  expect(gate.waiting()).toBe(1);

  const third = oneAtATime("1", gate.pass);
  await turn();

  expect(gate.waiting()).toBe(1);
  gate.open();
  await second;
  await turn();
  gate.open();
  await third;
});

test("work on different keys does not wait for each other", async () => {
  const oneAtATime = createOneAtATime();
  const gate = createBarrier();

  const all = [oneAtATime("1", gate.pass), oneAtATime("2", gate.pass)];
  await turn();

  expect(gate.waiting()).toBe(2);
  gate.open();
  await Promise.all(all);
});

test("each caller gets its own result, and a failure blocks nobody", async () => {
  const oneAtATime = createOneAtATime();

  const ends = await Promise.allSettled([
    oneAtATime("1", async () => "first"),
    oneAtATime("1", () => Promise.reject(new Error("second"))),
    oneAtATime("1", async () => "third"),
  ]);

  expect(ends).toEqual([
    { status: "fulfilled", value: "first" },
    { status: "rejected", reason: new Error("second") },
    { status: "fulfilled", value: "third" },
  ]);
});
