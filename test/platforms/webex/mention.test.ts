import fc from "fast-check";
import { expect, test } from "vitest";
import type { WebexMessage } from "../../../src/platforms/webex/client.ts";
import { isSamePerson, textWithoutMentions } from "../../../src/platforms/webex/mention.ts";
import { wordsOf } from "../../../src/reactions/balance.ts";
import { ANA_UUID, aMessage, BOT_UUID, globobot, MENTION, personIdOf } from "../../support/webex.ts";

function words(message: Partial<WebexMessage>, displayName = "globobot"): string[] {
  return wordsOf(textWithoutMentions(aMessage(message), { ...globobot, displayName }));
}

const ofHtml = (html: string) => words({ html, text: "as some client shows it" });

function mentionOf(id: string, name = "globobot"): string {
  return `<spark-mention data-object-type="person" data-object-id="${id}">${name}</spark-mention>`;
}

test.each([
  ["in front", `${MENTION} balance for acct100`],
  ["in front, in a paragraph", `<p>${MENTION} balance for acct100</p>`],
  ["at the end", `balance for acct100 ${MENTION}`],
  ["right after the ID", `balance for acct100${MENTION}`],
  ["right in front of the first word", `${MENTION}balance for acct100`],
  ["in the middle", `balance ${MENTION} for acct100`],
  ["twice", `${MENTION} balance for acct100 ${MENTION}`],
])("a mention %s is not a word of the text", (_where, html) => {
  expect(ofHtml(html)).toEqual(["balance", "for", "acct100"]);
});

test("a message that is only a mention has no words", () => {
  expect(ofHtml(`<p>${MENTION}</p>`)).toEqual([]);
  expect(ofHtml(`${MENTION}&nbsp;${MENTION}`)).toEqual([]);
});

test.each([
  [
    "the attributes swapped",
    `<spark-mention data-object-id="${globobot.id}" data-object-type="person">Globo</spark-mention>`,
  ],
  [
    "single quotes",
    `<spark-mention data-object-type='person' data-object-id='${globobot.id}'>Globo</spark-mention>`,
  ],
  ["capitals", `<SPARK-MENTION DATA-OBJECT-ID="${globobot.id}">Globo</SPARK-MENTION>`],
  ["the bare UUID", mentionOf(BOT_UUID)],
  ["a display name of several words", mentionOf(globobot.id, "Globo Bot the First")],
  ["marked-up text inside", mentionOf(globobot.id, "<b>Globo</b> bot")],
])("a mention with %s is a mention of the bot", (_name, mention) => {
  expect(ofHtml(`${mention} acct100`)).toEqual(["acct100"]);
});

test.each([
  ["by id", mentionOf(personIdOf(ANA_UUID), "Ana")],
  ["by UUID", mentionOf(ANA_UUID, "Ana")],
  ["by no id", `<spark-mention data-object-type="groupMention" data-group-type="all">All</spark-mention>`],
])("a mention of somebody else, %s, stays a word", (_name, mention) => {
  const name = mention.includes("All") ? "All" : "Ana";
  expect(ofHtml(`${MENTION} ask ${mention}`)).toEqual(["ask", name]);
});

test("the bot's name, typed rather than mentioned, stays a word", () => {
  expect(ofHtml(`${MENTION} hello globobot`)).toEqual(["hello", "globobot"]);
});

test.each([
  ["a no-break space", "balance&nbsp;for&#160;acct100"],
  ["new lines", "balance\nfor\r\nacct100"],
  ["line breaks", "balance<br>for<br/>acct100"],
  ["paragraphs", "<p>balance</p><p>for</p><p>acct100</p>"],
  ["blocks", "<div>balance</div><blockquote>for</blockquote>acct100"],
  ["a list", "<ul><li>balance</li><li>for</li></ul>acct100"],
  ["bold and italic", "<strong>balance</strong> for <em>acct100</em>"],
  ["a link", 'balance for <a href="https://globex.example/">acct100</a>'],
  ["a word in two pieces", "balance for <b>acct</b>100"],
  ["code", "balance for <code>acct100</code>"],
  ["a comment", "balance for <!-- acct200 -->acct100"],
  ["a tag that is never closed", "balance for <b>acct100"],
])("html with %s yields the visible words", (_name, html) => {
  expect(ofHtml(html)).toEqual(["balance", "for", "acct100"]);
});

test("entities become the characters that they stand for", () => {
  expect(ofHtml("R&amp;D &lt;acct100&gt; caf&eacute; &#x1F355; &quot;x&quot;")).toEqual([
    "R&D",
    "<acct100>",
    "café",
    "🍕",
    '"x"',
  ]);
});

test.each([
  ["globobot acct100", ["acct100"]],
  ["acct100 globobot", ["acct100"]],
  ["@globobot acct100", ["acct100"]],
  ["GloboBot\u00a0acct100", ["acct100"]],
  ["globobot is globobot there globobot", ["is", "globobot", "there"]],
  ["globobot", []],
])("without html, the name is removed from the ends of %j", (text, expected) => {
  expect(words({ html: undefined, text })).toEqual(expected);
});

test("a name of several words is removed as far as the client writes it", () => {
  const name = "Globo Bot";
  expect(words({ html: undefined, text: "Globo acct100" }, name)).toEqual(["acct100"]);
  expect(words({ html: undefined, text: "acct100 Globo Bot" }, name)).toEqual(["acct100"]);
});

test("without a mention of the bot, as in a 1:1 room, the text stays as it is", () => {
  const text = "globobot  acct100\n";
  const message = aMessage({ html: undefined, text, mentionedPeople: [] });
  expect(textWithoutMentions(message, globobot)).toBe(text);
  const toAna = aMessage({ html: undefined, text, mentionedPeople: [personIdOf(ANA_UUID)] });
  expect(textWithoutMentions(toAna, globobot)).toBe(text);
});

test("a message with only a file, or an empty one, has no words; if the html is empty, the text is used", () => {
  expect(words({ html: undefined, text: undefined })).toEqual([]);
  expect(words({ html: undefined, text: "" })).toEqual([]);
  expect(words({ html: "<p></p>", text: " " })).toEqual([]);
  expect(words({ html: "", text: "globobot acct100" })).toEqual(["acct100"]);
});

test("two ids name the same person in any form; different ids do not", () => {
  const uuid = fc.uuid();
  const form = fc.constantFrom(
    (id: string) => id,
    (id: string) => id.toUpperCase(),
    (id: string) => personIdOf(id),
    (id: string) => personIdOf(id, "eu"),
    (id: string) => `${personIdOf(id)}=`,
  );
  fc.assert(
    fc.property(uuid, uuid, form, form, (one, another, inOneForm, inAnother) => {
      expect(isSamePerson(inOneForm(one), inAnother(one))).toBe(true);
      expect(isSamePerson(inOneForm(one), inAnother(another))).toBe(one === another);
    }),
  );
});

test("reading html never fails", () => {
  const piece = fc.oneof(
    fc.constantFrom(MENTION, "<", "</spark-mention>", "<p>", "&", "&nbsp;", '"'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(typeof textWithoutMentions(aMessage({ html: pieces.join("") }), globobot)).toBe("string");
    }),
  );
});
