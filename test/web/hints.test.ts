import { expect, test } from "vitest";
import { titleFor } from "../../src/web/hints.ts";

test.each([
  [401, "Password needed"],
  [403, "Not allowed"],
  [405, "Method not allowed"],
  [429, "Too many requests"],
  [502, "chat.io refused, or did not answer"],
  [500, "Something went wrong"],
])("the page of a %d is titled %j", (status, title) => {
  expect(titleFor(status)).toBe(title);
});
