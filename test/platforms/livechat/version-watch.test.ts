import { expect, test } from "vitest";
import { createVersionWatch } from "../../../src/platforms/livechat/version-watch.ts";
import { createLogSink } from "../../support/log.ts";

function watch() {
  const sink = createLogSink();
  return { ...createVersionWatch("v3.6", sink.log), sink };
}

test("an answer without an announcement warns of nothing", () => {
  const { note, warnings, sink } = watch();
  note({ "x-debug-id": "1" });
  expect([warnings(), sink.messages()]).toEqual([[], []]);
});

test.each([
  ["legacy", "legacy", "2027-03-01", "2027-03-01"],
  ["deprecation", "deprecated", "2027-03-01", "2027-03-01"],
  ["deprecation", "deprecated", "@1688169599", "@1688169599"],
  ["legacy", "legacy", `<b>${"x".repeat(100)}`, `?b?${"x".repeat(37)}`],
])("the header %s becomes a warning with its date, and is logged once", (header, word, value, shown) => {
  const { note, warnings, sink } = watch();
  note({ [header]: value });
  note({ [header]: value });
  note({});
  const sentence = `LiveChat calls v3.6 of its API ${word} until ${shown}. A newer release of this server, or another LIVECHAT_API_VERSION, is needed by then.`;
  expect(warnings()).toEqual([sentence]);
  expect(sink.messages()).toEqual([sentence]);
});

test("a date that changes is logged again, and both stages are warned of", () => {
  const { note, warnings, sink } = watch();
  note({ legacy: "2027-03-01", deprecation: "2027-09-01" });
  note({ legacy: "2027-06-01" });
  expect(warnings()).toHaveLength(2);
  expect(sink.messages()).toHaveLength(3);
});
