import { factsOf, foldedOf, KEYCAP, MARK, SPACE, WORD } from "./characters.ts";

/** Who reads a reply. */
export type Audience = "agents" | "everyone";

export type Reply = { readonly text: string; readonly to: Audience };

/** What the bot says to which words. */
export type Rule = { readonly words: readonly string[]; readonly reply: Reply };

/** The replies to a text, in the order in which they are to be said; often none. */
export type Reaction = (text: string) => readonly Reply[];

/** Where an operator gives no rules. */
export const PIZZA_RULES: readonly Rule[] = [
  { words: ["pizza", "pizzas"], reply: { text: "Pizza is on the way!", to: "agents" } },
];

export function createReaction(rules: readonly Rule[]): Reaction {
  const match = createMatcher(rules);
  return (text) => match(text).map(({ reply }) => reply);
}

const BEGINS_IN_WORD = /^[\p{L}\p{N}\p{Pc}](?!\p{M}*\u20E3)/iu;
const ENDS_IN_WORD = /[\p{L}\p{N}\p{Pc}](?:(?!\u20E3)\p{M})*$/iu;

/**
 * The rules that a text meets, in their order. What it costs depends on the text, not on how many rules there are.
 *
 * An entry matches its own characters, in any case, and any white space where it has some. Where it begins or ends with a
 * letter, digit or connector, another one next to it makes it a different word, in any script, with or without combining
 * marks (`\b` knows only ASCII). Marks that turn a symbol into an emoji do not count, nor does a digit in a keycap.
 */
export function createMatcher(rules: readonly Rule[]): (text: string) => readonly Rule[] {
  const words = createTree();
  const symbols = createTree();
  const firstRuns = createFilter();
  for (const [rule, { words: entries }] of rules.entries()) {
    for (const entry of entries.map((given) => given.trim())) {
      const codes = codesOf(entry);
      const isWord = BEGINS_IN_WORD.test(entry);
      addTo(isWord ? words : symbols, codes, ENDS_IN_WORD.test(entry), rule);
      if (isWord) firstRuns.add(hashOfRun(codes));
    }
  }

  /** Only a run that some entry begins with is worth a walk: so most words cost no more than being read. */
  return function match(text) {
    const met = new Set<number>();
    let runFrom = -1;
    let hash = 0;
    for (let at = 0; at < text.length; ) {
      const code = codeAt(text, at);
      const facts = factsOf(code);
      const folded = foldedOf(facts);
      if (isInRun(code, facts, runFrom >= 0)) {
        hash = runFrom < 0 ? nextHash(0, folded) : nextHash(hash, folded);
        if (runFrom < 0) runFrom = at;
      } else if (runFrom >= 0) {
        if (firstRuns.has(hash)) walk(words, text, runFrom, met);
        runFrom = -1;
      }
      if (symbols.next?.has(folded)) walk(symbols, text, at, met);
      at += lengthOf(code);
    }
    if (runFrom >= 0 && firstRuns.has(hash)) walk(words, text, runFrom, met);
    return met.size === 0 ? [] : rules.filter((_, rule) => met.has(rule));
  };
}

/** A run is a word with the marks on it. Letters are in it; marks are where it has begun. */
function isInRun(code: number, facts: number, hasBegun: boolean): boolean {
  if ((facts & WORD) !== 0) return true;
  return hasBegun && (facts & MARK) !== 0 && code !== KEYCAP;
}

function hashOfRun(codes: readonly number[]): number {
  let hash = 0;
  for (const [index, code] of codes.entries()) {
    if (code === GAP || !isInRun(code, factsOf(code), index > 0)) break;
    hash = nextHash(hash, code);
  }
  return hash;
}

function nextHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0;
}

/** Says whether a hash may have been added; falsely for one in a hundred where there are some 600. */
function createFilter() {
  const marked = new Uint8Array(0x10000);
  const place = (hash: number) => (hash ^ (hash >>> 16)) & 0xffff;
  return {
    add(hash: number): void {
      marked[place(hash)] = 1;
    },
    has: (hash: number): boolean => marked[place(hash)] === 1,
  };
}

/** Entries as folded code points, so that one walk tells which of them a text goes on with. */
type Tree = {
  next: Map<number, Tree> | null;
  /** The rules of which an entry ends here. */
  rules: number[];
  /** Whether what ends here would be another word with a letter after it. */
  endsInWord: boolean;
};

/** White space, in the place of a code point. */
const GAP = -1;

function createTree(): Tree {
  return { next: null, rules: [], endsInWord: false };
}

function codesOf(entry: string): number[] {
  const fold = (character: string) => foldedOf(factsOf(codeAt(character, 0)));
  return Array.from(entry.replace(/\s+/gu, " "), (character) => (character === " " ? GAP : fold(character)));
}

function addTo(tree: Tree, codes: readonly number[], endsInWord: boolean, rule: number): void {
  let place = tree;
  for (const code of codes) {
    place.next ??= new Map();
    const next = place.next.get(code) ?? createTree();
    place.next.set(code, next);
    place = next;
  }
  place.rules.push(rule);
  place.endsInWord = endsInWord;
}

/** Adds the rules of all entries that the text has at `from`. */
function walk(tree: Tree, text: string, from: number, met: Set<number>): void {
  let place: Tree | undefined = tree;
  for (let at = from; place; ) {
    if (place.rules.length > 0 && !(place.endsInWord && isWordGoingOn(text, at))) {
      for (const rule of place.rules) met.add(rule);
    }
    if (place.next === null || at >= text.length) return;
    const code = codeAt(text, at);
    const facts = factsOf(code);
    const isSpace = (facts & SPACE) !== 0;
    place = place.next.get(isSpace ? GAP : foldedOf(facts));
    at = isSpace && place ? endOfSpace(text, at) : at + lengthOf(code);
  }
}

function isWordGoingOn(text: string, at: number): boolean {
  return at < text.length && (factsOf(codeAt(text, at)) & (WORD | MARK)) !== 0;
}

function endOfSpace(text: string, from: number): number {
  let at = from;
  // No white space is outside the BMP.
  while (at < text.length && (factsOf(text.charCodeAt(at)) & SPACE) !== 0) at += 1;
  return at;
}

/** The code point that begins at `at`, which is within the text. */
function codeAt(text: string, at: number): number {
  return text.codePointAt(at) ?? 0;
}

function lengthOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}
