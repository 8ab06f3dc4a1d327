import { expect, test } from "vitest";
import { createFewLines } from "../../src/work/few-lines.ts";
import { passTime, stopClock } from "../support/clock.ts";
import { createLogSink } from "../support/log.ts";

function createBench() {
  stopClock();
  const { log, messages } = createLogSink();
  const lines = createFewLines(log, (count) => `${count} more.`);
  const write = (times: number) => {
    for (let n = 0; n < times; n += 1) lines.write(() => log.error("One."));
  };
  return { lines, write, messages };
}

const FIVE = Array(5).fill("One.");

test("the first five lines are logged, then their number each minute while it goes on", async () => {
  const { write, messages } = createBench();
  write(611);
  expect(messages()).toEqual(FIVE);
  await passTime(60_000, 1000);
  expect(messages().slice(5)).toEqual(["606 more."]);
  write(3);
  await passTime(60_000, 1000);
  expect(messages().slice(6)).toEqual(["3 more."]);
});

test("after a minute without any, lines are logged again", async () => {
  const { write, messages } = createBench();
  write(6);
  await passTime(121_000, 1000);
  expect(messages().slice(5)).toEqual(["1 more."]);
  write(1);
  expect(messages().slice(6)).toEqual(["One."]);
});

test("at the end the count that is not logged yet is, once", () => {
  const { lines, write, messages } = createBench();
  write(7);
  lines.stop();
  lines.stop();
  expect(messages().slice(5)).toEqual(["2 more."]);
});
