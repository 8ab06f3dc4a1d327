import { describe, expect, test } from "vitest";
import { nextLink } from "../../src/http/response-headers.ts";

describe("the next page in a Link header", () => {
  test.each([
    ['<https://a.example/?p=2>; rel="next"', "https://a.example/?p=2"],
    ["<https://a.example/?p=2>; rel=next", "https://a.example/?p=2"],
    ["<https://a.example/?p=2>;REL = Next", "https://a.example/?p=2"],
    ['<?p=1>; rel="prev", <?p=3>; rel="next"', "?p=3"],
    ['<?p=1,2;x>; title="a, <b>; rel=\\"next\\""; rel="prev",<?p=3>;rel=next', "?p=3"],
    ['<?p=3>; rel="last next"', "?p=3"],
    ["<?p=3>; rel=next, <?p=4>; rel=next", "?p=3"],
  ])("%s: %s", (header, target) => {
    expect(nextLink(header)).toBe(target);
  });

  test.each([
    "",
    "<?p=2>",
    "<?p=2>; rel=nextpage",
    '<?p=2>; rel="prev"',
    '<?p=2>; rel=prev; rel="next"',
    '<?p=2>; title="rel=next"',
  ])("is none in %j", (header) => {
    expect(nextLink(header)).toBeNull();
  });

  test.each(["next", "<?p=2>, rel=next", "<?p=2; rel=next", "rel=next; <?p=2>"])(
    "cannot be read in %j",
    (header) => {
      expect(() => nextLink(header)).toThrow();
    },
  );

  test("is found quickly, whatever the header holds", () => {
    const startedAt = performance.now();
    const pieces = [
      "<>;",
      "<>;a",
      "<",
      "<>; ",
      "<a>;rel=",
      '<>;a="',
      '<>;a="\\',
      "<>;=",
      " ",
      ";",
      ",",
      "<>;a =",
    ];
    for (const piece of pieces) {
      try {
        nextLink(piece.repeat(8000 / piece.length));
      } catch {
        // Headers that cannot be parsed count, too.
      }
    }
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
