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

test("a quota names its tenant, if it has one, and a tenant has a quota at each platform that has tenants", () => {
  expect(titles.tenant("livechat:0a1b:2c")).toEqual({ noun: "organization", account: "0a1b:2c" });
  expect(titles.tenant("webex")).toBeNull();
  expect(titles.tenant("fax:12")).toBeNull();
  expect(titles.tenants()).toBe("organization or license");
  expect(titles.quotasOf("1520", "chatio")).toEqual(["chatio:1520"]);
  expect(titles.quotasOf("1520", null)).toEqual(["livechat:1520", "chatio:1520"]);
});
