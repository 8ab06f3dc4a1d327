import { expect, test } from "vitest";
import { createTitles } from "../../src/health/titles.ts";
import { DESCRIPTIONS } from "../../src/platforms/list.ts";

const titles = createTitles(DESCRIPTIONS);

test.each([
  ["chatio:1520", "license 1520 of chat.io", "License 1520 of chat.io", "chatio"],
  ["chatio", "chat.io", "chat.io", "chatio"],
  ["webex", "Webex", "Webex", "webex"],
  ["fax:12", "fax:12", "fax:12", null],
])("the quota %s is %s", (quota, title, subject, platform) => {
  expect([titles.quota(quota), titles.subject(quota), titles.platformOf(quota)]).toEqual([
    title,
    subject,
    platform,
  ]);
});

test("an unknown platform, e.g. of another release, is called by its name", () => {
  expect(titles.platform("chatio")).toBe("chat.io");
  expect(titles.platform("fax")).toBe("fax");
});

test("tenants of several platforms are called what each platform calls them", () => {
  expect(titles.tenants(["chatio", "chatio"])).toBe("Licenses");
  expect(titles.tenants(["chatio", "fax"])).toBe("Licenses and accounts");
});
