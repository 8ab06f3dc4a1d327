import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, runCliProcess } from "../support/cli.ts";
import { temporaryFolder } from "../support/store.ts";

function settingsFor(content: string) {
  const path = join(temporaryFolder(), "reactions.json");
  writeFileSync(path, content);
  return { REACTIONS_FILE: path };
}

const RULES = JSON.stringify([
  { words: ["pizza", "pizzas"], reply: "Pizza is on the way!" },
  { words: ["refund", "money back"], reply: "It takes three days.\nSorry!", to: "everyone" },
]);

const REFUND = '2. "refund", "money back"\n  to everyone:\n    It takes three days.\n    Sorry!\n';

describe("npm run reactions", () => {
  test("lists the rules as they are read, in their order", async () => {
    const settings = settingsFor(RULES);

    const { code, out } = await runCli("reactions", ["list"], settings);

    expect(code).toBe(0);
    expect(out).toBe(
      `The rules in ${settings.REACTIONS_FILE}:\n\n1. "pizza", "pizzas"\n  to the agents:\n    Pizza is on the way!\n\n${REFUND}`,
    );
  });

  test("lists the built-in rule where there is no file", async () => {
    expect((await runCli("reactions", ["list"], {})).out).toContain(
      'REACTIONS_FILE is not set):\n\n1. "pizza", "pizzas"\n',
    );
  });

  test("says that a file without rules keeps the bot silent", async () => {
    expect((await runCli("reactions", ["list"], settingsFor("[]"))).out).toContain(
      "so the bot never replies.",
    );
  });

  test("tells which rules a text would meet, with their replies", async () => {
    expect(await runCli("reactions", ["try", "My MONEY  back!"], settingsFor(RULES))).toEqual({
      code: 0,
      out: REFUND,
      err: "",
    });
  });

  test("tells that a text would meet none", async () => {
    const { code, out } = await runCli("reactions", ["try", "pizzazz"], settingsFor(RULES));
    expect([code, out]).toEqual([0, expect.stringContaining("the bot would not reply.")]);
  });

  test("as a process exits 1 for a broken file, with one sentence that names the line", async () => {
    const settings = settingsFor('[\n{"words": []}]');
    const { code, out, err } = await runCliProcess("reactions", ["list"], settings);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe(
      `REACTIONS_FILE: ${settings.REACTIONS_FILE} cannot be used: line 2: rule 1, field "words" must have at least one word.\n`,
    );
  });
});

describe("npm run doctor", () => {
  const checkOf = async (settings: Record<string, string>) => {
    const { out } = await runCli("doctor", [], settings);
    return out.split("\n").find((line) => / reactions /.test(line));
  };

  test.each([
    [RULES, /^ok .* rules in it: 2$/],
    ["[]", /^warning .* has no rules/],
    ["[", /^problem .* cannot be used: line 1: it is not valid JSON/],
  ])("checks the rules %j", async (content, line) => {
    expect(await checkOf(settingsFor(content))).toMatch(line);
  });

  test("says that the built-in rule applies where there is no file", async () => {
    expect(await checkOf({})).toMatch(/^ok .* REACTIONS_FILE is not set: the built-in rule applies$/);
  });
});
