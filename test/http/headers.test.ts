import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextLink } from "../../src/http/headers.ts";

describe("the next page that a Link header names", () => {
  test.each([
    ['<https://a.example/?p=2>; rel="next"', "https://a.example/?p=2"],
    ["<https://a.example/?p=2>; rel=next", "https://a.example/?p=2"],
    ["<https://a.example/?p=2>;REL = Next", "https://a.example/?p=2"],
    ['<?p=1>; rel="prev", <?p=3>; rel="next"', "?p=3"],
    ['<?p=1,2;x>; title="a, <b>; rel=\\"next\\""; rel="prev",<?p=3>;rel=next', "?p=3"],
    ['<?p=3>; rel="last next"', "?p=3"],
    ["<?p=3>; foo; rel=next; bar=1", "?p=3"],
    [' , , < ?p=3 > ; rel="next" , ', "?p=3"],
    ["<?p=3>; rel=next, <?p=4>; rel=next", "?p=3"],
  ])("%s: %s", (header, target) => {
    expect(nextLink(header)).toBe(target);
  });

  test.each([
    "",
    "next",
    "<?p=2>",
    "<?p=2>; rel=nextpage",
    '<?p=2>; rel="prev"',
    '<?p=2>; rel=prev; rel="next"',
    '<?p=2>; title="rel=next"',
    "<?p=2>, rel=next",
    "<?p=2; rel=next",
    '<?p=2>; rel="next',
    "rel=next; <?p=2>",
  ])("is none in %j", (header) => {
    expect(nextLink(header)).toBeNull();
  });

  test("is found whatever stands beside it", () => {
    const among = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });
    const target = among("abz019:/?=&,;%.-");
    const quoted = fc.string({ unit: "binary" }).map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`);
    const parameter = fc.tuple(among("aelrtyz*"), fc.oneof(among("az09*'%"), quoted));
    const parameters = fc.array(parameter.filter(([name]) => name !== "rel").map((pair) => pair.join("=")));
    const link = (rel: string) =>
      fc.tuple(target, parameters, parameters).map(([uri, before, after]) => ({
        uri,
        text: [`<${uri}>`, ...before, `rel=${rel}`, ...after].join("; "),
      }));
    fc.assert(
      fc.property(
        fc.array(link("prev")),
        link("next"),
        fc.array(link('"first last"')),
        (before, next, after) => {
          expect(nextLink([...before, next, ...after].map(({ text }) => text).join(","))).toBe(next.uri);
        },
      ),
    );
  });

  test("is looked for in linear time, whatever the header", () => {
    const startedAt = performance.now();
    for (const piece of [
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
    ]) {
      const header = piece.repeat(Math.ceil(100_000 / piece.length));
      expect(nextLink(header)).toBeNull();
    }
    // In linear time it is some 50 ms; in quadratic time it was 20 s.
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});
