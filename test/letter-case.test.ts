import fc from "fast-check";
import { expect, test } from "vitest";
import { foldCase, lowerCaseAscii } from "../src/letter-case.ts";
import { ANY_CHARACTER } from "./support/any-character.ts";

test("in ASCII both functions make upper and lower case equal, and leave all else alone", () => {
  expect(lowerCaseAscii("Ana.B-7@Example.COM")).toBe("ana.b-7@example.com");
  expect(foldCase("acct-100_x")).toBe("ACCT-100_X");
});

test("lower-casing ASCII leaves all other letters alone", () => {
  expect(lowerCaseAscii("\u212a\u0130\u00c4\u00e4")).toBe("\u212a\u0130\u00c4\u00e4");
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => {
      const letters = [...text].map((letter) => (/^[A-Z]$/.test(letter) ? letter.toLowerCase() : letter));
      expect(lowerCaseAscii(text)).toBe(letters.join(""));
    }),
  );
});

test.each([
  ["\u00c4", "\u00e4"],
  ["\u00d8", "\u00f8"],
  ["\u0416", "\u0436"],
  ["\u03a3", "\u03c3"],
  ["\ud801\udc00", "\ud801\udc28"],
])("%s and %s are the same letter in two cases", (upper, lower) => {
  expect(foldCase(`x${upper}1`)).toBe(foldCase(`X${lower}1`));
});

test.each([
  ["the Kelvin sign", "\u212a", "k"],
  ["the long s", "\u017f", "s"],
  ["the i without a dot", "\u0131", "i"],
  ["the I with a dot", "\u0130", "i"],
  ["the sharp s", "\u00df", "ss"],
  ["the ligature fi", "\ufb01", "fi"],
  ["the Angstrom sign", "\u212b", "\u00e5"],
  ["the micro sign", "\u00b5", "\u03bc"],
])("%s is not another letter in a different case", (_name, lookAlike, letter) => {
  const written = [lookAlike, letter, letter.toUpperCase()].map(foldCase);
  expect(written[0]).not.toBe(written[1]);
  expect(written[1]).toBe(written[2]);
});

test("no other letter folds to an ASCII letter, and only the two cases of one letter fold together", () => {
  const folded = Array.from({ length: 0x11_0000 }, (_, code) => String.fromCodePoint(code))
    .map((letter) => ({ letter, fold: foldCase(letter) }))
    .filter(({ letter, fold }) => fold !== letter);
  const intoAscii = folded.filter(({ letter, fold }) => /\P{ASCII}/u.test(letter) && /\p{ASCII}/u.test(fold));
  expect(intoAscii).toEqual([]);
  expect(new Set(folded.map(({ fold }) => fold)).size).toBe(folded.length);
  expect(folded.length).toBeGreaterThan(1000);
});
