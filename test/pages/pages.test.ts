import { expect, test } from "vitest";
import { CHATIO } from "../../src/platforms/chatio/description.ts";
import { WEBEX } from "../../src/platforms/webex/description.ts";
import { errorPage } from "../../src/web/pages/error.ts";
import { type HomeFacts, homePage, type PlatformFacts } from "../../src/web/pages/home.ts";
import { alreadyInstalledPage, finishedPage, installedPage } from "../../src/web/pages/installed.ts";
import { wordsOf } from "../support/operator.ts";

const ready = { isSetUp: true, isConnected: true, installations: 0, needingReinstall: 0 };
const absent = { isSetUp: false, isConnected: false, installations: 0, needingReinstall: 0 };

type Facts = Omit<HomeFacts, "platforms"> & Record<"chatio" | "webex", Omit<PlatformFacts, "description">>;

function pageOf({ chatio, webex, ...facts }: Facts): string {
  const platforms = [
    { description: CHATIO, ...chatio },
    { description: WEBEX, ...webex },
  ];
  return homePage({ ...facts, platforms });
}

const all: Facts = {
  publicUrl: "https://bots.example",
  port: 5000,
  needsPublicAddress: true,
  chatio: ready,
  webex: ready,
  hasOperatorPages: true,
};

const nothing: Facts = {
  publicUrl: "http://localhost:5000",
  port: 5000,
  needsPublicAddress: true,
  chatio: absent,
  webex: absent,
  hasOperatorPages: false,
};

const installed = () => installedPage(CHATIO, CHATIO.install, "1520");

const error = {
  title: "It did not work",
  sentence: "A sentence.",
  hint: { advice: "An advice.", path: "/install", link: "Begin again" },
};

/** The steps by name, in order, and how each is marked. */
function stepsIn(page: string): Record<string, string> {
  const steps = page.matchAll(/<li class="(done|next|later)"[^>]*><h3>([^<]*?) ?(?:<|$)/gm);
  return Object.fromEntries([...steps].map(([, mark, name]) => [name, mark]));
}

test.each([
  ["start page", pageOf(all)],
  ["start page of a new server", pageOf(nothing)],
  ["page of an error", errorPage(error)],
  ["page of an installation", installed()],
  ["page of one that is already finished", alreadyInstalledPage(CHATIO, CHATIO.install, "1520")],
  ["page of one that is not known", finishedPage(CHATIO, CHATIO.install)],
])("the %s is one whole page with nothing inline and nothing from other sites", (_name, page) => {
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page.match(/<h1>/g)).toHaveLength(1);
  expect(page).toContain('<meta charset="utf-8">');
  expect(page).toMatch(/<\/html>\n$/);
  expect(page).not.toMatch(/<script|<style|style=|@import|\bon\w+=|undefined|\bfalse\b|\[object/i);
  expect(page).not.toMatch(/(src|rel="stylesheet" href)="(?!\/assets\/)/);
});

test("with everything set up, the start page has the install link and how to ask, but no steps", () => {
  const page = pageOf(all);

  expect(page).toContain('<a class="button main" href="https://bots.example/install">Add to chat.io</a>');
  expect(page).toContain("@globobot what is the balance for acct100");
  expect(page).toContain('href="/status"');
  expect(page).not.toContain("Not set up");
  expect(page).not.toContain("What is left");
  expect(page).not.toContain("npm run demo");
});

test("with nothing set up, the start page shows every step in order, the first as the next one, and the demo", () => {
  const page = pageOf(nothing);

  expect(stepsIn(page)).toEqual({
    "A public address": "next",
    "An app at chat.io": "later",
    "The Pizza BOT on your license": "later",
    "A bot at Webex": "later",
    "Messages from Webex": "later",
    "A password for the operator’s pages": "later",
  });
  expect(page).toContain("npm run demo");
  expect(page).not.toContain("/install");
  expect(page).not.toContain('href="/status"');
});

test("the steps name the settings and say where their values come from", () => {
  const page = pageOf(nothing);

  for (const setting of [
    ...["PUBLIC_URL", "CHATIO_CLIENT_ID", "CHATIO_CLIENT_SECRET"],
    ...["WT_API_TOKEN", "WT_WEBHOOK_SECRET", "WT_ALLOWED_SENDERS", "ADMIN_PASSWORD"],
  ])
    expect(page).toMatch(new RegExp(`<dt>[^\n]*<code>${setting}</code>[^\n]*</dt><dd>.+</dd>`));
  expect(page).toContain("https://developers.chat.io/console/");
  expect(page).toContain("https://developer.webex.com/my-apps");
  expect(page).toContain("<code>http://localhost:5000/token</code>");
  expect(page).toContain("npm run webhooks -- add");
});

test("after an installation a page says what became of what was written while the bot had stopped", () => {
  expect(wordsOf(installed())).toContain(
    "Was the bot here before, and had it stopped? What was written meanwhile did not arrive, and chat.io does not deliver it again.",
  );
});

test("a step that is done is ticked off, without its instructions", () => {
  const page = pageOf({
    ...nothing,
    publicUrl: all.publicUrl,
    chatio: { ...absent, isSetUp: true },
  });

  expect(stepsIn(page)).toMatchObject({
    "A public address": "done",
    "An app at chat.io": "done",
    "The Pizza BOT on your license": "next",
    "A bot at Webex": "later",
  });
  expect(page).not.toContain("CHATIO_CLIENT_ID");
  expect(page).not.toContain("npm run demo");
});

test.each([
  ["A public address", { publicUrl: "http://bots.example" }],
  ["An app at chat.io", { chatio: { ...ready, isSetUp: false } }],
  ["The Pizza BOT on your license", { chatio: { ...ready, isConnected: false } }],
  ["A bot at Webex", { webex: { ...ready, isSetUp: false } }],
  ["Messages from Webex", { webex: { ...ready, isConnected: false } }],
  ["A password for the operator’s pages", { hasOperatorPages: false }],
])("while only the step %j is not done, it is the next", (step, missing) => {
  expect(stepsIn(pageOf({ ...all, ...missing }))).toMatchObject({ [step]: "next" });
});

test.each([
  [1, "One installation needs a reinstall."],
  [3, "3 installations need a reinstall."],
])(
  "%d installations that need a reinstall are told of, without naming them",
  (needingReinstall, sentence) => {
    expect(pageOf({ ...all, chatio: { ...ready, needingReinstall } })).toContain(sentence);
  },
);

test.each([
  [1, "Installed on 1 license."],
  [2, "Installed on 2 licenses."],
])("where the bot is installed on %d, the page says so and offers another one", (installations, sentence) => {
  const page = pageOf({ ...all, chatio: { ...ready, installations } });

  expect(page).toContain(sentence);
  expect(page).toContain(
    '<a class="button" href="https://bots.example/install">Install on another license</a>',
  );
  expect(page).not.toContain("Add to chat.io");
});

test("the file .env is named only while a step is left that takes settings", () => {
  const toInstall = { chatio: { ...ready, isConnected: false } };
  expect(pageOf({ ...all, ...toInstall })).toContain("What is left");
  expect(pageOf({ ...all, ...toInstall })).not.toContain(".env");
  for (const missing of [
    { chatio: absent },
    { publicUrl: "http://bots.example" },
    { hasOperatorPages: false },
  ])
    expect(pageOf({ ...all, ...missing })).toContain("<code>.env</code>");
});

test("the page leads back to where the visitor came from, if it is told where that is", () => {
  const back = { url: "http://127.0.0.1:1", name: "the demo" };
  expect(pageOf({ ...all, back })).toContain('<a href="http://127.0.0.1:1">Back to the demo</a>');
  expect(pageOf(all)).not.toContain("Back to");
});

test("if no installation needs a reinstall, the page does not mention it", () => {
  expect(pageOf(all)).not.toContain("a reinstall");
});

test("the page of an installation names the license, the two minutes, and how to try it", () => {
  const page = installed();

  expect(page).toContain("license <strong>1520</strong>");
  expect(page).toContain("up to two minutes");
  expect(page).toContain("<strong>pizza</strong>");
});

test("the page of an error says what happened and what to do, in plain text", () => {
  const page = errorPage({ ...error, title: "<b>T</b>", sentence: 'chat.io said "<script>"' });

  expect(page).toContain("<title>&lt;b&gt;T&lt;/b&gt; · chatops-server</title>");
  expect(page).toContain(">chat.io said &quot;&lt;script&gt;&quot;</p>");
  expect(page).toContain("<p>An advice.</p>");
  expect(page).toContain('<a class="button main" href="/install">Begin again</a>');
});
