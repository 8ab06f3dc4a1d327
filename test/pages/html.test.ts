import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "../../src/pages/html.ts";

test("what is put in is escaped", () => {
  expect(html`<p title="${`a"b'c`}">${"<script>&"}</p>`.html).toBe(
    '<p title="a&quot;b&#39;c">&lt;script&gt;&amp;</p>',
  );
});

test("numbers are written, null is nothing", () => {
  expect(html`${1520}-${null}-${0}`.html).toBe("1520--0");
});

test("html put into html stays what it is, one piece or many", () => {
  const item = (text: string) => html`<li>${text}</li>`;
  expect(html`<ul>${item("a")}${[item("<b>"), item("c")]}</ul>`.html).toBe(
    "<ul><li>a</li><li>&lt;b&gt;</li><li>c</li></ul>",
  );
});

test("no text whatever becomes a tag or leaves an attribute", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[<>&"'a-z;#]*$/)), (text) => {
      expect(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/.test(html`${text}`.html)).toBe(false);
    }),
  );
});
