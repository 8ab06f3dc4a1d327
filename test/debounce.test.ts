import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createDebounce } from "../src/debounce.ts";

/** Turns of the event loop until it is quiet, while something happens in each turn for which `happens` says so. */
async function turnsUntilQuiet(happens: (turn: number) => boolean): Promise<number> {
  const { happened, quiet } = createDebounce();
  let isQuiet = false;
  void quiet().then(() => {
    isQuiet = true;
  });
  for (let turn = 0; ; turn += 1) {
    if (isQuiet) return turn;
    if (happens(turn)) happened();
    await nextTurn();
  }
}

test("without anything happening it takes two turns", async () => {
  expect(await turnsUntilQuiet(() => false)).toBe(2);
});

test("each time that something happens puts it off", async () => {
  expect(await turnsUntilQuiet((turn) => turn < 4)).toBe(6);
  expect(await turnsUntilQuiet((turn) => turn === 1 || turn === 3)).toBe(6);
});

test("what does not stop is waited for ten turns at the most", async () => {
  expect(await turnsUntilQuiet(() => true)).toBe(10);
});
