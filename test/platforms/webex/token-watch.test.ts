import { expect, test } from "vitest";
import { createTokenWatch } from "../../../src/platforms/webex/token-watch.ts";
import { createLogSink } from "../../support/log.ts";

const REFUSED =
  "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Set it to the bot's current token.";

function createWatch() {
  const { log, messages } = createLogSink();
  const watch = createTokenWatch(log);
  const noteOf =
    (isRefusal: boolean) =>
    (...outcomes: string[]) => {
      for (const outcome of outcomes)
        watch.note({ name: "GET /people/me", quota: "webex", outcome, isRefusal, ms: 1, platformTime: null });
    };
  return { watch, note: noteOf(true), noteFromGateway: noteOf(false), messages };
}

test.each(["200", "204", "404", "429", "503", "no_answer"])("%s alone is not a problem", (outcome) => {
  const { watch, note, messages } = createWatch();

  note(outcome);

  expect([watch.problem(), messages()]).toEqual([null, []]);
});

test("a 401 is a problem, logged when it begins", () => {
  const { watch, note, messages } = createWatch();

  note("200", "401", "401");

  expect(watch.problem()).toBe(REFUSED);
  expect(messages()).toEqual([REFUSED]);
});

test.each(["200", "204", "299", "400", "403", "404", "409", "410"])(
  "after a 401 a %s shows that the token is taken again",
  (outcome) => {
    const { watch, note, messages } = createWatch();

    note("401", outcome, outcome);
    expect(watch.problem()).toBeNull();
    expect(messages()).toEqual([REFUSED, "Webex accepts WT_API_TOKEN again."]);

    note("401");
    expect(messages().slice(2)).toEqual([REFUSED]);
  },
);

test.each(["199", "302", "423", "429", "500", "502", "503", "no_answer"])(
  "after a 401 a %s shows nothing of the token",
  (outcome) => {
    const { watch, note } = createWatch();

    note("401", outcome);

    expect(watch.problem()).toBe(REFUSED);
  },
);

test("a gateway's answer says nothing about the token, good or bad", () => {
  const { watch, note, noteFromGateway, messages } = createWatch();

  noteFromGateway("401", "403");
  expect([watch.problem(), messages()]).toEqual([null, []]);

  note("401");
  noteFromGateway("404");
  expect(watch.problem()).toBe(REFUSED);
});
