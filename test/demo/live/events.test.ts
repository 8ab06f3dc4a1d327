import { expect, onTestFinished, test } from "vitest";
import { createEvents } from "../../../src/demo/live/events.ts";
import { createLocalApp, listen } from "../../../src/sandbox/local-server.ts";

test("a page is sent at once, and again only if a change has made it another", async () => {
  let page = "first";
  const listeners: (() => void)[] = [];
  const subscribe = (listener: () => void) => {
    listeners.push(listener);
    return () => void listeners.splice(0);
  };
  const { origin, close } = await listen(createLocalApp().use(createEvents(() => page, { subscribe })));
  onTestFinished(close);
  const { body } = await fetch(origin);
  const chunks = body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => /^id: \d+\ndata: (.*)\n\n$/.exec((await chunks?.read())?.value ?? "")?.[1];

  expect(await next()).toBe('"first"');
  for (const now of ["first", "second\nline"]) {
    page = now;
    for (const listener of listeners) listener();
  }
  expect(await next()).toBe('"second\\nline"');
});
