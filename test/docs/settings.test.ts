import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { readPage, rowsOf } from "./markdown.ts";

/** As the start takes them. */
const TAKEN = [...readPage("src/config/environment.ts").text.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(
  ([, name = ""]) => name,
);

/** As docs/settings.md describes them: the default where it is a value, otherwise null. */
const DESCRIBED = rowsOf(readPage("docs/settings.md")).flatMap(([name = "", byDefault = ""]) => {
  const [, setting] = /^`([A-Z_]+)`$/.exec(name) ?? [];
  const [, value = null] = /^`([^`<]+)`$/.exec(byDefault) ?? [];
  return setting === undefined ? [] : { setting, value };
});

/** As .env.example shows them. */
const SHOWN = new Map(
  [...readPage(".env.example").text.matchAll(/^#([A-Z][A-Z_]+)=(.*)$/gm)].map(
    ([, name = "", value = ""]) => [name, value] as const,
  ),
);

describe("every setting", () => {
  test("is described in docs/settings.md and in .env.example, and no other is", () => {
    expect(TAKEN).toContain("WT_WEBHOOK_SECRET");
    expect(DESCRIBED.map(({ setting }) => setting).sort()).toEqual(TAKEN.toSorted());
    expect([...SHOWN.keys()].sort()).toEqual(TAKEN.toSorted());
  });

  test("has the default that docs/settings.md names", () => {
    const platforms = {
      LIVECHAT_CLIENT_ID: "id",
      LIVECHAT_CLIENT_SECRET: "secret-invented",
      LIVECHAT_WEBHOOK_SECRET: "secret-invented-of-webhooks",
      CHATIO_CLIENT_ID: "id",
      CHATIO_CLIENT_SECRET: "secret-invented",
      WT_API_TOKEN: "token",
    };
    const defaults = DESCRIBED.flatMap(({ setting, value }) => (value === null ? [] : [[setting, value]]));
    expect(defaults.length).toBeGreaterThan(10);
    expect(readConfig({ ...platforms, ...Object.fromEntries(defaults) })).toEqual(readConfig(platforms));
  });

  test("is shown in .env.example with its default, where that is a value", () => {
    const shown = DESCRIBED.filter(({ value }) => value !== null).map(({ setting }) => ({
      setting,
      value: SHOWN.get(setting),
    }));
    expect(shown).toEqual(DESCRIBED.filter(({ value }) => value !== null));
  });
});
