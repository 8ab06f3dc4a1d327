import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSampleLedger } from "../../src/accounts.ts";
import { formatCents, type Ledger, replyWithBalance, wordsOf } from "../../src/reactions/balance.ts";
import { ANY_CHARACTER } from "../support/any-character.ts";

/** The longest text that Webex accepts in one message. */
const LONGEST_MESSAGE_BYTES = 7439;
const HOW_TO_ASK =
  "End your message with the account ID and nothing after it, for example: balance for acct100";

const sample = createSampleLedger();

function replyTo(text: string, ledger: Ledger = sample): string {
  return replyWithBalance(wordsOf(text), ledger);
}

test.each([
  ["what is the balance for acct100", "balance for acct100: 40.00 USD"],
  ["acct100", "balance for acct100: 40.00 USD"],
  ["ACCT100", "balance for ACCT100: 40.00 USD"],
  ["  Acct100 \n", "balance for Acct100: 40.00 USD"],
  ["balance for acct200", "balance for acct200: -10.00 USD"],
  ["balance for acct300", "balance for acct300: 0.00 USD"],
])("%j is answered %j", (text, reply) => {
  expect(replyTo(text)).toBe(reply);
});

test("the account is the last word, whatever comes before it", () => {
  expect(replyTo("not acct200 but acct100")).toBe("balance for acct100: 40.00 USD");
});

test("for an unknown account the reply says how to ask", () => {
  expect(replyTo("balance for acct999")).toBe(`balance for acct999: unknown account\n${HOW_TO_ASK}`);
});

test.each([
  ["what is the balance for acct300?", "acct300?", "acct300"],
  ["I need the acct100 balance", "balance", "acct100"],
  ["tell me (“Acct200”), please!", "please!", "Acct200"],
  ["acct300… thanks", "thanks", "acct300"],
  ["¿acct300?", "¿acct300?", "acct300"],
  ["<acct300>,", "<acct300>,", "acct300"],
  ["`acct300`", "`acct300`", "acct300"],
  ["«acct300».", "«acct300».", "acct300"],
  ["「acct300」。", "「acct300」。", "acct300"],
  ["acct300:", "acct300:", "acct300"],
  ["acct300? acct300! ACCT300 please", "please", "ACCT300"],
])(
  "%j is unknown, and the hint asks whether the account without the punctuation around it was meant",
  (text, id, meant) => {
    expect(replyTo(text)).toBe(
      `balance for ${id}: unknown account\nDid you mean ${meant}? End your message with the account ID.`,
    );
  },
);

test.each([
  "acct100? or acct200?",
  "(acct100), acct200 please",
  "ac,ct300 acct-300?",
  "acct100,acct200",
  "what? …",
  "acct999?",
])("%j does not name exactly one account, so the reply says how to ask", (text) => {
  expect(replyTo(text)).toMatch(`: unknown account\n${HOW_TO_ASK}`);
});

describe("an account whose ID begins or ends with punctuation", () => {
  const ledger: Ledger = {
    lookup: (id) => (["#7", "A1?", "A1", "B+"].includes(id.toUpperCase()) ? 500n : null),
    keyOf: (id) => id.toUpperCase(),
  };

  test.each([
    ["#7", "balance for #7: 5.00 USD"],
    ["a1?", "balance for a1?: 5.00 USD"],
  ])("is found by %j as written", (text, reply) => {
    expect(replyTo(text, ledger)).toBe(reply);
  });

  test.each([
    ["a1? please", "a1?"],
    ["a1! please", "a1"],
    ["#7 please", "#7"],
    ["#7?", "#7"],
    ["what is (b+", "b+"],
    ["(#7)", null],
    ["a1? or a1 please", null],
    ["7 please", null],
  ])("is suggested for %j as written rather than with less punctuation", (text, meant) => {
    const reply = replyTo(text, ledger);
    const hint = meant === null ? HOW_TO_ASK : `Did you mean ${meant}? End your message with the account ID.`;
    expect(reply.split("\n")[1]).toBe(hint);
  });
});

test("a hint is found in linear time, whatever the punctuation", () => {
  const startedAt = performance.now();
  for (const text of [
    "?".repeat(200_000),
    `${"?".repeat(100_000)}a${"?".repeat(100_000)}a`,
    "a?".repeat(100_000),
  ]) {
    expect(replyTo(text)).toMatch(HOW_TO_ASK);
  }
  // Linear time takes about 100 ms, quadratic time a minute.
  expect(performance.now() - startedAt).toBeLessThan(3000);
});

test("a known account elsewhere in the message is suggested, as it was typed", () => {
  expect(replyTo("please tell me what Acct300 owes")).toBe(
    "balance for owes: unknown account\nDid you mean Acct300? End your message with the account ID.",
  );
});

test("if two accounts are named, none is suggested", () => {
  expect(replyTo("acct100 or acct200 please")).toBe(`balance for please: unknown account\n${HOW_TO_ASK}`);
});

test("an account named twice, in different cases, is still one", () => {
  expect(replyTo("acct100 ACCT100 please")).toMatch(/\nDid you mean acct100\? /i);
});

test("for a message without words the reply says how to ask", () => {
  const greeting = `Hello! I look up account balances. ${HOW_TO_ASK}`;
  expect([replyTo(""), replyTo(" \n\t\u00a0")]).toEqual([greeting, greeting]);
});

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("%s is not an account", (word) => {
  expect(replyTo(word)).toBe(`balance for ${word}: unknown account\n${HOW_TO_ASK}`);
});

test("an ID of 100 characters is shown in full, a longer one is cut", () => {
  expect(replyTo("x".repeat(100))).toBe(`balance for ${"x".repeat(100)}: unknown account\n${HOW_TO_ASK}`);
  expect(replyTo("x".repeat(101))).toBe(`balance for ${"x".repeat(100)}…: unknown account\n${HOW_TO_ASK}`);
});

test("a long ID of emoji is cut between two emoji", () => {
  expect(replyTo("🍕".repeat(500))).toBe(`balance for ${"🍕".repeat(100)}…: unknown account\n${HOW_TO_ASK}`);
});

const word = fc.oneof(
  fc.constantFrom("acct100", "ACCT200", "acct300", "acct300?"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  fc.string({ unit: ANY_CHARACTER, minLength: 1, maxLength: 40 }),
  fc.nat(6000).map((length) => "漢".repeat(length)),
  fc.nat(7000).map((length) => "x".repeat(length)),
);

const message = fc
  .array(word, { maxLength: 12 })
  .map((words) => Buffer.from(words.join(" ")).subarray(0, LONGEST_MESSAGE_BYTES).toString());

test("whatever the message, the reply fits into one message and is one of the known sentences", () => {
  fc.assert(
    fc.property(message, (text) => {
      const reply = replyTo(text);
      expect(Buffer.byteLength(reply)).toBeLessThanOrEqual(LONGEST_MESSAGE_BYTES);
      expect(reply).toMatch(
        /^(Hello! I look up account balances\. End |balance for \S+: (-?\d+\.\d\d USD$|unknown account\n(Did|End)))/u,
      );
    }),
  );
});

test("the reply is a balance exactly when the last word is an account", () => {
  fc.assert(
    fc.property(message, (text) => {
      const last = text.split(/\s+/u).findLast((each) => each !== "");
      const isKnown = last !== undefined && /^acct[123]00$/i.test(last);
      expect(replyTo(text).endsWith(" USD")).toBe(isKnown);
    }),
  );
});

test.each([
  [0n, "0.00"],
  [5n, "0.05"],
  [-5n, "-0.05"],
  [99n, "0.99"],
  [100n, "1.00"],
  [-1005n, "-10.05"],
  [123_456_789_012_345_678_901n, "1234567890123456789.01"],
])("%d cents are %s", (cents, text) => {
  expect(formatCents(cents)).toBe(text);
});

test("every amount reads back exactly to the cent", () => {
  fc.assert(
    fc.property(fc.bigInt(), (cents) => {
      const text = formatCents(cents);
      expect(text).toMatch(/^-?(0|[1-9]\d*)\.\d\d$/);
      expect(BigInt(text.replace(".", ""))).toBe(cents);
    }),
  );
});

test.each([
  ["a b", ["a", "b"]],
  ["  a\t\nb  ", ["a", "b"]],
  ["a\u00a0b\u2003c\u3000d", ["a", "b", "c", "d"]],
  ["a\r\nb", ["a", "b"]],
  ["what's up, acct100?", ["what's", "up,", "acct100?"]],
  ["", []],
  [" \n ", []],
])("the words of %j are %j", (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});
