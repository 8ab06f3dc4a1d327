import { expect, test } from "vitest";
import { errorPage } from "../../src/pages/error.ts";
import { homePage } from "../../src/pages/home.ts";
import { installedPage } from "../../src/pages/install.ts";

const all = {
  installUrl: "https://bots.example/install",
  hasChatio: true,
  hasWebex: true,
  needingReinstall: 0,
};

test.each([
  ["start page", homePage(all)],
  ["page of an error", errorPage("It did not work", "A sentence.", "An advice.")],
  ["page of an installation", installedPage(1520)],
])("the %s is one whole page, without scripts and with nothing from elsewhere", (_name, page) => {
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page.match(/<h1>/g)).toHaveLength(1);
  expect(page).toContain('<meta charset="utf-8">');
  expect(page).toMatch(/<\/html>\n$/);
  expect(page).not.toMatch(/<script|<link|<img|src=|@import|\bon\w+=/i);
});

test("with everything set up the start page has the install link and how to ask, and misses nothing", () => {
  const page = homePage(all);

  expect(page).toContain('href="https://bots.example/install"');
  expect(page).toContain("@globobot what is the balance for acct100");
  expect(page).not.toContain("Not set up");
  expect(page).not.toContain("npm run demo");
});

test("without chat.io it names the settings that are missing, and has no install link", () => {
  const page = homePage({ ...all, hasChatio: false });

  expect(page).not.toContain('href="https://bots.example/install"');
  expect(page).toContain("CHATIO_CLIENT_ID");
  expect(page).toContain("CHATIO_CLIENT_SECRET");
  expect(page).toContain("https://developers.chat.io/console/");
  expect(page).not.toContain("WT_API_TOKEN");
  expect(page).not.toContain("npm run demo");
});

test("without Webex it names the token that is missing and where to get it", () => {
  const page = homePage({ ...all, hasWebex: false });

  expect(page).toContain("WT_API_TOKEN");
  expect(page).toContain("https://developer.webex.com/my-apps");
  expect(page).not.toContain("CHATIO_CLIENT_ID");
});

test("with nothing set up it shows the way to the demo", () => {
  expect(homePage({ ...all, hasChatio: false, hasWebex: false })).toContain("npm run demo");
});

test.each([
  [1, "One installation needs a reinstall."],
  [3, "3 installations need a reinstall."],
])(
  "%d installations that need a reinstall are told of, without naming them",
  (needingReinstall, sentence) => {
    expect(homePage({ ...all, needingReinstall })).toContain(sentence);
  },
);

test("where none needs a reinstall nothing is said of it", () => {
  expect(homePage(all)).not.toContain("a reinstall");
});

test("the page of an installation names the license", () => {
  expect(installedPage(1520)).toContain("license <strong>1520</strong>");
});

test("the page of an error says what happened and what to do, in plain text", () => {
  const page = errorPage("<b>T</b>", 'chat.io said "<script>"', "a & b");

  expect(page).toContain("<title>&lt;b&gt;T&lt;/b&gt;</title>");
  expect(page).toContain("<p>chat.io said &quot;&lt;script&gt;&quot;</p>");
  expect(page).toContain("<p>a &amp; b</p>");
  expect(page).toContain('<a href="/">');
});
