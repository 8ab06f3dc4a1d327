import fc from "fast-check";
import { expect, test } from "vitest";
import { reactToKeywords } from "../../src/reactions/keywords.ts";

const REPLY = "Pizza is on the way!";

test.each([
  "Hey! where is my pizza?",
  "one pizza please",
  "two pizzas please",
  "PIZZA",
  "PiZzAs!",
  "pizza",
  "“pizza”",
  "pizza's late",
  "pizza-box",
  "pizza,salad",
  "salad\npizza\ncola",
  "salad\u00a0pizza\u2003cola",
  "¿pizza?",
  "🍕pizza🍕",
  "披萨 pizza 披萨",
  "pizzazz, or rather pizza",
])("%j asks for pizza", (text) => {
  expect(reactToKeywords(text)).toBe(REPLY);
});

test.each([
  "",
  "hello",
  "pizzazz",
  "pizzeria",
  "pizzassss",
  "minipizza",
  "pizza_box",
  "_pizza",
  "pizza2",
  "2pizzas",
  "pizzaé",
  "épizza",
  "pizzae\u0301",
  "pizza\u0301",
  "пpizza",
  "pizzaв",
  "pizzaですか",
  "一pizza",
  "pizza٣",
  "pizzaⅣ",
  "pi zza",
  "p\u0131zza",
])("%j is about something else", (text) => {
  expect(reactToKeywords(text)).toBeNull();
});

/** Any single character of the class, from everywhere in Unicode. */
function characterOf(kind: RegExp): fc.Arbitrary<string> {
  return fc
    .oneof(fc.nat(0x24f), fc.nat(0xffff), fc.nat(0x10ffff))
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((character) => kind.test(character));
}

const wordInAnyCase = fc
  .tuple(fc.constantFrom("pizza", "pizzas"), fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }))
  .map(([word, upper]) => [...word].map((c, at) => (upper[at] ? c.toUpperCase() : c)).join(""));

test("a letter or digit of any script before it makes it another word, even with combining marks", () => {
  const marks = fc.array(characterOf(/^\p{M}$/u), { maxLength: 3 }).map((all) => all.join(""));
  fc.assert(
    fc.property(wordInAnyCase, characterOf(/^[\p{L}\p{N}]$/u), marks, (word, character, onIt) => {
      // That one turns a digit into a keycap, which is an emoji; see below.
      fc.pre(!onIt.includes("\u20e3"));
      expect(reactToKeywords(`one ${character}${onIt}${word} please`)).toBeNull();
    }),
  );
});

test("a letter, mark or digit of any script after it makes it another word", () => {
  fc.assert(
    fc.property(wordInAnyCase, characterOf(/^[\p{L}\p{M}\p{N}]$/u), (word, character) => {
      fc.pre(character.toLowerCase() !== "s" && character !== "ſ");
      expect(reactToKeywords(`one ${word}${character} please`)).toBeNull();
    }),
  );
});

test("between spaces and punctuation of any script it is found, in any case", () => {
  const outside = characterOf(/^[\p{Z}\p{S}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}]$/u);
  fc.assert(
    fc.property(outside, wordInAnyCase, outside, (before, word, after) => {
      expect(reactToKeywords(`one${before}${word}${after}please`)).toBe(REPLY);
    }),
  );
});

test.each(["🍕", "👍🏽", "👩‍🍳", "🇮🇹", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])("between two %s it is found", (emoji) => {
  expect(reactToKeywords(`${emoji}pizza${emoji}`)).toBe(REPLY);
});

test.each([
  ["a heart", "❤️"],
  ["a sun", "☀️"],
  ["a keycap", "#️⃣"],
  ["a digit's keycap", "1️⃣"],
])("right after %s, an emoji that ends in a mark, it is found", (_name, emoji) => {
  expect(reactToKeywords(`I ${emoji}pizza`)).toBe(REPLY);
});

test("it is found anywhere in a long text", () => {
  fc.assert(
    fc.property(fc.nat(3000), fc.nat(3000), (before, after) => {
      expect(reactToKeywords(`${"word ".repeat(before)}pizza${" word".repeat(after)}`)).toBe(REPLY);
    }),
    { numRuns: 20 },
  );
});

test("the same text gets the same answer each time", () => {
  expect([1, 2, 3].map(() => reactToKeywords("pizza pizza"))).toEqual([REPLY, REPLY, REPLY]);
});
