/** What a character means for the bounds of words: bits of its facts. The bits above them are its folded code point. */
export const WORD = 1;
export const MARK = 2;
export const SPACE = 4;
const KNOWN = 8;
const FOLDED_FROM = 4;

/** Turns a digit before it into an emoji, which is not part of a word. */
export const KEYCAP = 0x20e3;

/** A letter, digit or connector. */
const WORD_CHARACTER = /[\p{L}\p{N}\p{Pc}]/iu;
const MARK_CHARACTER = /\p{M}/iu;

/** By code point, of all characters met so far. The system gives it memory only where it is used. */
const FACTS = new Uint32Array(0x110000);

export function factsOf(code: number): number {
  return FACTS[code] || learn(code);
}

/**
 * The same code point for characters that differ only in case, as `/iu` compares them (Unicode's simple case folding): K
 * and the Kelvin sign are equal, i and the dotless i are not.
 */
export function foldedOf(facts: number): number {
  return facts >>> FOLDED_FROM;
}

function learn(code: number): number {
  const character = String.fromCodePoint(code);
  let facts = KNOWN | (fold(character, code) << FOLDED_FROM);
  if (WORD_CHARACTER.test(character)) facts |= WORD;
  if (MARK_CHARACTER.test(character)) facts |= MARK;
  if (/\s/u.test(character)) facts |= SPACE;
  FACTS[code] = facts;
  return facts;
}

/** Pairs that fold together although no upper or lower case joins them. */
const JOINED: ReadonlyMap<number, number> = new Map([
  [0x1fd3, 0x390],
  [0x1fe3, 0x3b0],
  [0xfb05, 0xfb06],
]);

function fold(character: string, code: number): number {
  const joined = JOINED.get(code);
  if (joined !== undefined) return joined;
  const upper = oneCharacter(character.toUpperCase()) ?? character;
  const lower = oneCharacter(upper.toLowerCase()) ?? upper;
  // The dotless i shares its upper case with the i, but /iu does not take one for the other.
  const isSame = lower === character || new RegExp(lower, "iu").test(character);
  return isSame ? (lower.codePointAt(0) ?? code) : code;
}

/** null: the other case is several characters. */
function oneCharacter(text: string): string | null {
  return [...text].length === 1 ? text : null;
}
