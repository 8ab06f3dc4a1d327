import { describe, expect, test } from "vitest";
import { readPage } from "./markdown.ts";
import { textsIn } from "./sentences.ts";
import { isQuoteOf, troublesQuoted, troublesSaid } from "./troubles.ts";

describe("the tables of troubles in docs/operate.md", () => {
  const quoted = troublesQuoted(readPage("docs/operate.md"));
  const said = troublesSaid();

  test("have whatever doctor, /status and /readyz can say to be wrong", () => {
    expect(said.length).toBeGreaterThan(60);
    expect(said.filter((text) => !quoted.some((quote) => isQuoteOf(quote, text)))).toEqual([]);
  });

  test("quote nothing that is no longer said", () => {
    expect(quoted.filter((quote) => !said.some((text) => isQuoteOf(quote, text)))).toEqual([]);
  });

  test("quote enough of each sentence to tell it from others", () => {
    expect(quoted.filter((quote) => quote.replaceAll("…", "").trim().length < 5)).toEqual([]);
  });
});

describe("the texts of a source", () => {
  test("are its strings and templates, with the calls around them and what they are given to", () => {
    const source = `const says = 'a'; warn("b", [1, 2], \`c \${d(x, 'e')} f\`); g({ todo: \`h\` });`;
    expect(textsIn(source)).toEqual([
      { text: "a", calls: [], given: "says" },
      { text: "b", calls: ["warn:0"], given: "" },
      { text: "e", calls: ["warn:2", "d:1"], given: "" },
      { text: "c … f", calls: ["warn:2"], given: "" },
      { text: "h", calls: ["g:0"], given: "todo" },
    ]);
  });

  test("are none of its comments and patterns, and divisions are no patterns", () => {
    const source = "// it's\n/* 'no' */ f(/['\"]/g, a / b, 'yes', c / d);";
    expect(textsIn(source)).toEqual([{ text: "yes", calls: ["f:2"], given: "" }]);
  });

  test("may hold braces and escaped quotes", () => {
    expect(textsIn(`\`{\${\`}\${a}\`}\\\`\`, '\\''`).map(({ text }) => text)).toEqual(["}…", "{…`", "'"]);
  });
});
