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

test("tenants are counted, and called what their platforms call them", () => {
  expect(titles.more(["chatio"])).toBe("1 more license");
  expect(titles.more(["chatio", "chatio"])).toBe("2 more licenses");
  expect(titles.more(["chatio", "fax"])).toBe("2 more licenses and accounts");
});
