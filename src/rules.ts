import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { z } from "zod";
import { ConfigError, sentenceOf } from "./errors.ts";
import { readJsonFile, versionOf } from "./json-file.ts";
import type { Log } from "./log.ts";
import { createReaction, PIZZA_RULES, type Reaction, type Rule } from "./reactions/keywords.ts";
import { createRounds } from "./rounds.ts";

const LOOK_EVERY_MS = 1000;

const MOST_RULES = 500;
const MOST_ENTRIES = 100;
const LONGEST_ENTRY = 100;
const LONGEST_REPLY = 4000;
/** In all entries together, since each character takes up memory. */
const MOST_WORD_CHARACTERS = 100_000;
/** All rules at their longest, and every character of a reply written with four bytes. */
const LARGEST_FILE = 10_000_000;

const whole = (text: string) => text.isWellFormed();
const BROKEN = "has half of a character";

const entry = z
  .string("must be text")
  .refine((text) => text.trim() !== "", "must have more than white space")
  .max(LONGEST_ENTRY, `must have at most ${LONGEST_ENTRY} characters`)
  .refine(whole, BROKEN);

const replyText = z
  .string("must be text")
  .refine((text) => text.trim() !== "", "must have more than white space")
  .refine((text) => [...text].length <= LONGEST_REPLY, `must have at most ${LONGEST_REPLY} characters`)
  .refine(whole, BROKEN);

const rule = z
  .strictObject(
    {
      words: z
        .array(entry, "must be a list of words")
        .min(1, "must have at least one word")
        .max(MOST_ENTRIES, `must have at most ${MOST_ENTRIES} entries`),
      reply: replyText,
      to: z.enum(["agents", "everyone"], 'must be "agents" or "everyone"').default("agents"),
    },
    "must be an object with words, reply and, if you like, to; and nothing else",
  )
  .transform(({ words, reply, to }): Rule => ({ words, reply: { text: reply, to } }));

const rules = z
  .array(rule, "the content must be a list of rules")
  .max(MOST_RULES, `there are more than ${MOST_RULES} rules`)
  .refine(
    (all) => all.flatMap(({ words }) => words).join("").length <= MOST_WORD_CHARACTERS,
    `the words of all rules have more than ${MOST_WORD_CHARACTERS} characters`,
  );

/** The rules in the JSON file that REACTIONS_FILE names. Throws ConfigError with the line and what is wrong there. */
export function readRules(path: string): readonly Rule[] {
  return readJsonFile("REACTIONS_FILE", path, rulesOf);
}

function rulesOf(json: string): readonly Rule[] {
  if (json.length > LARGEST_FILE) throw new ConfigError(`it has more than ${LARGEST_FILE} characters`);
  const tree = treeOf(json);
  const read = rules.safeParse(JSON.parse(json));
  if (!read.success) throw new ConfigError(complaintOf(read.error, json, tree));
  verifyUniqueFields(json, tree);
  return read.data;
}

/** Where everything is in the text, which JSON.parse does not tell. */
function treeOf(json: string): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(json, errors, { disallowComments: true });
  const [first] = errors;
  if (first === undefined && tree !== undefined) return tree;
  const what = first === undefined ? "" : ` (${wordsOf(printParseErrorCode(first.error))})`;
  throw new ConfigError(`line ${lineAt(json, first?.offset ?? 0)}: it is not valid JSON${what}`);
}

/** "CommaExpected": "comma expected". */
function wordsOf(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

function complaintOf({ issues: [issue] }: z.ZodError, json: string, tree: Node): string {
  const path = (issue?.path ?? []).filter((step) => typeof step !== "symbol");
  const extra = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const node = findNodeAtLocation(tree, [...path, ...extra]) ?? findNodeAtLocation(tree, path.slice(0, 1));
  return `line ${lineAt(json, (node ?? tree).offset)}: ${placeOf(path)}${issue?.message ?? "is no rule"}`;
}

function placeOf([index, field, entry]: readonly (string | number)[]): string {
  if (index === undefined) return "";
  const names = [`rule ${Number(index) + 1}`];
  if (field !== undefined) names.push(`field "${field}"`);
  if (entry !== undefined) names.push(`entry ${Number(entry) + 1}`);
  return `${names.join(", ")} `;
}

/** JSON.parse silently keeps the last of two fields with one name. */
function verifyUniqueFields(json: string, tree: Node): void {
  for (const [index, { children: properties = [] }] of (tree.children ?? []).entries()) {
    const seen = new Set<string>();
    for (const { offset, children: [name] = [] } of properties) {
      const field = String(name?.value);
      if (seen.has(field))
        throw new ConfigError(`line ${lineAt(json, offset)}: rule ${index + 1} has "${field}" twice`);
      seen.add(field);
    }
  }
}

function lineAt(json: string, offset: number): number {
  return json.slice(0, offset).split(/\r\n?|\n/).length;
}

export type WatchedRules = { readonly reaction: Reaction; stop(): Promise<void> };

/** The built-in rule, which never changes. */
export function createBuiltInRules(): WatchedRules {
  return { reaction: createReaction(PIZZA_RULES), stop: async () => undefined };
}

/**
 * The reaction by the rules in a file. Once a second the file is looked at, and read again if it has changed. Throws
 * ConfigError when the file is invalid at first; when a change makes it invalid, the rules read before stay in use and an
 * error is logged.
 */
export function watchRules(path: string, log: Log): WatchedRules {
  let seen = versionOf(path);
  let reaction = createReaction(readRules(path));

  async function look(): Promise<void> {
    const version = versionOf(path);
    if (version === seen) return;
    seen = version;
    try {
      const changed = readRules(path);
      reaction = createReaction(changed);
      log.info({ rules: changed.length }, "The reactions file has changed; it was read again.");
    } catch (error) {
      log.error(`${sentenceOf(error)} The rules read before stay in use.`);
    }
  }

  const looks = createRounds(LOOK_EVERY_MS, look);
  looks.start(LOOK_EVERY_MS);
  return { reaction: (text) => reaction(text), stop: looks.stop };
}
