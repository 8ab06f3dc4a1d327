import { expect, test } from "vitest";
import { lowerCaseAscii } from "../../../src/letter-case.ts";
import { isAllowed, isFromBot, isOwn } from "../../../src/platforms/webex/senders.ts";
import { ANA_UUID, aMessage, BOT_UUID, globobot } from "../../support/webex.ts";

const from = (personEmail: string) => aMessage({ personEmail });

test.each([
  ["its id, in any form", { personId: BOT_UUID }],
  ["its address, in any case", { personEmail: "GloboBot@Webex.Bot" }],
  ["another of its addresses", { personEmail: "globobot@sparkbot.io" }],
])("a message with %s is the bot's own", (_name, sender) => {
  const me = { ...globobot, emails: ["globobot@webex.bot", "GloboBot@sparkbot.io"] };
  expect(isOwn(aMessage(sender), me)).toBe(true);
});

test("somebody else's message is not the bot's own", () => {
  expect(isOwn(aMessage(), globobot)).toBe(false);
  expect(isOwn(aMessage({ personId: ANA_UUID, personEmail: "globobot@example.com" }), globobot)).toBe(false);
});

test.each(["other@webex.bot", "Other@WEBEX.BOT", "other@sparkbot.io"])("%s is a bot", (email) => {
  expect(isFromBot(from(email))).toBe(true);
});

test.each([
  "ana@example.com",
  "webex.bot@example.com",
  "ana@webex.bot.example.com",
  "ana@notwebex.bot",
  "ana@eu.webex.bot",
  "",
])("%j is not a bot", (email) => {
  expect(isFromBot(from(email))).toBe(false);
});

const LIST = ["ana@example.com", "@globex.example"];

test.each([
  "ana@example.com",
  "Ana@Example.COM",
  "bob@globex.example",
  "BOB@GLOBEX.EXAMPLE",
  '"a@b"@globex.example',
])("%s is on the list", (email) => {
  expect(isAllowed(from(email), LIST)).toBe(true);
});

test.each([
  "bob@example.com",
  "ana@example.com.evil.example",
  "xana@example.com",
  "bob@evil-globex.example",
  "bob@sub.globex.example",
  "bob@globex.example.evil.example",
  "bob@globex.example@evil.example",
  "@evil.example",
  "globex.example",
  "",
])("%j is not on the list", (email) => {
  expect(isAllowed(from(email), LIST)).toBe(false);
});

// In lower case, the Kelvin sign becomes a k, and the dotted I an i with a combining dot.
const LOOK_ALIKES = [
  "mi\u212ae@example.com",
  "M\u0130KE@example.com",
  "bob@trun\u212a.example",
  "bob@d\u0130sk.example",
];

test.each(LOOK_ALIKES)("%s looks like somebody on the list, but is not", (email) => {
  expect(isAllowed(from(email), ["mike@example.com", "@trunk.example", "@disk.example"])).toBe(false);
});

test.each(["m\u0131ke@example.com", ...LOOK_ALIKES])("%s may be on the list itself", (email) => {
  expect(isAllowed(from(email), [lowerCaseAscii(email)])).toBe(true);
});

test("a look-alike of the bot's address is not the bot", () => {
  const me = { ...globobot, emails: ["kelvin@webex.bot"] };
  expect(isOwn(from("Kelvin@webex.bot"), me)).toBe(true);
  expect(isOwn(from("\u212aelvin@webex.bot"), me)).toBe(false);
  expect(isFromBot(from("other@spar\u212abot.io"))).toBe(false);
});

test("without a list anyone may ask, with an empty one nobody", () => {
  expect(isAllowed(from("anyone@anywhere.example"), null)).toBe(true);
  expect(isAllowed(from("ana@example.com"), [])).toBe(false);
});
