import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { ConfigError } from "../src/errors.ts";
import { readRules, watchRules } from "../src/rules.ts";
import { createLogSink } from "./support/log.ts";
import { temporaryFolder } from "./support/store.ts";

/** Writes a file of rules. Strings are written as they are. */
function fileOf(content: unknown): string {
  const path = join(temporaryFolder(), "reactions.json");
  write(path, content);
  return path;
}

function write(path: string, content: unknown): void {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
}

const rulesOf = (content: unknown) => readRules(fileOf(content));

function complaint(content: unknown): string {
  try {
    rulesOf(content);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the file was taken");
}

describe("a file of rules", () => {
  test("says what is said to which words, and to whom: to the agents unless told otherwise", () => {
    const content = [
      { words: ["pizza", "pizzas"], reply: "Pizza is on the way!" },
      { words: ["refund", "money back"], reply: "Macro 12.", to: "agents" },
      { words: ["open"], reply: "Until ten.\nCome in!", to: "everyone" },
    ];

    expect(rulesOf(content)).toEqual([
      { words: ["pizza", "pizzas"], reply: { text: "Pizza is on the way!", to: "agents" } },
      { words: ["refund", "money back"], reply: { text: "Macro 12.", to: "agents" } },
      { words: ["open"], reply: { text: "Until ten.\nCome in!", to: "everyone" } },
    ]);
  });

  test("may have no rules, and may begin with a byte order mark", () => {
    expect(rulesOf("\ufeff[]")).toEqual([]);
  });

  test("may have 500 rules, with replies of 4,000 characters of any kind", () => {
    const rules = Array.from({ length: 500 }, (_, n) => ({ words: [`w${n}`], reply: "🍕".repeat(4000) }));
    expect(rulesOf(rules)).toHaveLength(500);
  });

  test("that is the example can be used as it is", () => {
    expect(readRules("reactions.example.json").length).toBeGreaterThan(3);
  });
});

describe("an invalid file is refused, and the error names the line and what is wrong there:", () => {
  const fine = { words: ["pizza"], reply: "Yes." };

  test.each<[string, unknown, string]>([
    [
      "a missing comma",
      '[\n {"words": ["a"]\n "reply": "b"}\n]',
      "line 3: it is not valid JSON (comma expected)",
    ],
    ["a comma too many", '[{"words": ["a"], "reply": "b"},\r\n]', "line 2: it is not valid JSON"],
    ["a comment", "// rules\n[]", "line 1: it is not valid JSON"],
    ["an end that is missing", "[\n\n", "line 3: it is not valid JSON"],
    ["nothing", "", "line 1: it is not valid JSON"],
    ["an object", "\n{}", "line 2: the content must be a list of rules"],
    ["a rule of text", '[\n"pizza"]', "line 2: rule 1 must be an object with words, reply"],
    [
      "a field too many",
      '[\n{"words": ["a"],\n"reply": "b",\n"too": "all"}]',
      "line 4: rule 1 must be an object with words, reply and, if you like, to; and nothing else",
    ],
    ["no reply", '[\n{"words": ["a"]}]', 'line 2: rule 1, field "reply" must be text'],
    ["no words", [{ reply: "b" }], 'line 1: rule 1, field "words" must be a list of words'],
    ["an empty list of words", [{ ...fine, words: [] }], 'rule 1, field "words" must have at least one word'],
    [
      "a word that is none",
      '[{"words": ["a"], "reply": "b"},\n{"words": [\n"a",\n" "], "reply": "b"}]',
      'line 4: rule 2, field "words", entry 2 must have more than white space',
    ],
    ["a number as word", [{ ...fine, words: [24] }], 'field "words", entry 1 must be text'],
    ["a long word", [{ ...fine, words: ["a".repeat(101)] }], "entry 1 must have at most 100 characters"],
    ["many words", [{ ...fine, words: Array(101).fill("a") }], 'field "words" must have at most 100 entries'],
    ["an empty reply", [{ ...fine, reply: " \n" }], 'field "reply" must have more than white space'],
    [
      "a long reply",
      [{ ...fine, reply: "a".repeat(4001) }],
      'field "reply" must have at most 4000 characters',
    ],
    [
      "half of a character",
      '[{"words": ["a"], "reply": "\\ud83c"}]',
      'field "reply" has half of a character',
    ],
    ["an unknown audience", [{ ...fine, to: "all" }], 'field "to" must be "agents" or "everyone"'],
    [
      "a field twice, of which JSON would keep the last",
      '[{"words": ["a"],\n"reply": "b",\n"reply": "c"}]',
      'line 3: rule 1 has "reply" twice',
    ],
    ["more than 500 rules", Array(501).fill(fine), "line 1: there are more than 500 rules"],
    [
      "words that take up much memory",
      Array.from({ length: 500 }, () => ({ ...fine, words: Array(3).fill("a".repeat(99)) })),
      "the words of all rules have more than 100000 characters",
    ],
    ["a huge file", `[${" ".repeat(10_000_000)}]`, "it has more than 10000000 characters"],
  ])("%s", (_what, content, sentence) => {
    expect(complaint(content)).toContain(sentence);
    expect(complaint(content)).toMatch(/^REACTIONS_FILE: .*reactions\.json cannot be used: /);
  });

  test("what the bot would have said is not in the error", () => {
    expect(complaint([{ ...fine, reply: `${"secret ".repeat(600)}` }])).not.toContain("secret");
  });

  test("a missing file is named by its path", () => {
    const missing = join(temporaryFolder(), "missing.json");
    expect(() => readRules(missing)).toThrow(missing);
  });
});

describe("a file that changes", () => {
  const rule = (word: string) => [{ words: [word], reply: `to ${word}` }];
  const LOOK_MS = 1000;

  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
  });

  function watch(content: unknown) {
    const path = fileOf(content);
    const sink = createLogSink();
    const watched = watchRules(path, sink.log);
    onTestFinished(watched.stop);
    const said = (text: string) => watched.reaction(text).map((reply) => reply.text);
    return { path, sink, said, stop: watched.stop };
  }

  test("is read again within a second, and that is logged", async () => {
    const { path, said, sink } = watch(rule("one"));
    write(path, rule("three"));
    expect(said("one, three")).toEqual(["to one"]);

    await vi.advanceTimersByTimeAsync(LOOK_MS);

    expect(said("one, three")).toEqual(["to three"]);
    expect(sink.messages()).toEqual(["The reactions file has changed; it was read again."]);
  });

  test("by being replaced is read again", async () => {
    const { path, said } = watch(rule("one"));
    write(`${path}.new`, rule("two"));
    renameSync(`${path}.new`, path);

    await vi.advanceTimersByTimeAsync(LOOK_MS);

    expect(said("one, two")).toEqual(["to two"]);
  });

  test("to something invalid is logged once, and the rules read before stay in use until it is fixed", async () => {
    const { path, said, sink } = watch(rule("one"));
    write(path, '[{"words": ["one"],\n"reply": 5}]');

    await vi.advanceTimersByTimeAsync(5 * LOOK_MS);

    expect(said("one")).toEqual(["to one"]);
    expect(sink.messages()).toEqual([
      `REACTIONS_FILE: ${path} cannot be used: line 2: rule 1, field "reply" must be text. The rules read before stay in use.`,
    ]);
    write(path, rule("three"));
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(said("three")).toEqual(["to three"]);
  });

  test("by vanishing does not lose the rules", async () => {
    const { path, said, sink } = watch(rule("one"));
    rmSync(path);

    await vi.advanceTimersByTimeAsync(2 * LOOK_MS);

    expect(said("one")).toEqual(["to one"]);
    expect(sink.messages()).toHaveLength(1);
  });

  test("is not looked at for a message, nor after the server has stopped", async () => {
    const { path, said, stop } = watch(rule("one"));
    rmSync(path);
    expect(said("one")).toEqual(["to one"]);
    await stop();
    write(path, rule("two"));

    await vi.advanceTimersByTimeAsync(10 * LOOK_MS);

    expect(said("one, two")).toEqual(["to one"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
