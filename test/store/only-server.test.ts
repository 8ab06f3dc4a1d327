import { expect, test } from "vitest";
import { createOnlyServer } from "../../src/store/only-server.ts";

const MINUTE_MS = 60_000;

test("ten thousand names are remembered, so that none can be taken again", async () => {
  const { once } = createOnlyServer();
  const names = Array.from({ length: 10_000 }, (_, n) => `state ${n}`);
  for (const name of names) expect(await once(name, MINUTE_MS)).toBe(true);
  for (const name of names) expect(await once(name, MINUTE_MS)).toBe(false);
});

test("more than that drop the oldest instead of filling the memory", async () => {
  const { once } = createOnlyServer();
  for (let n = 0; n <= 10_000; n += 1) await once(`state ${n}`, MINUTE_MS);
  expect(await once("state 1", MINUTE_MS)).toBe(false);
  expect(await once("state 0", MINUTE_MS)).toBe(true);
});
