import { expect, test } from "vitest";
import { explain } from "../../../src/web/pages/error.ts";

test.each([
  [401, "Password needed"],
  [403, "Not allowed"],
  [405, "Method not allowed"],
  [429, "Too many requests"],
  [500, "Something went wrong"],
])("the page of a %d is titled %j", (status, title) => {
  expect(explain(new Error(), status).title).toBe(title);
});
