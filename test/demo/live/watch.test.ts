import { expect, onTestFinished, test, vi } from "vitest";
import { createExchangeLog, createInboxWatch } from "../../../src/demo/live/watch.ts";
import { StoreError } from "../../../src/errors.ts";
import type { Exchange } from "../../../src/sandbox/exchanges.ts";
import { aJob } from "../../support/jobs.ts";
import { newDatabase, openTestStore } from "../../support/store.ts";

const exchange = (id: number, path: string, more: Partial<Exchange> = {}): Exchange => ({
  id,
  at: 0,
  platform: "Webex",
  kind: "call",
  method: "GET",
  path,
  status: 200,
  ms: 1,
  request: undefined,
  response: undefined,
  ...more,
});
const begun = { status: null, ms: null };

/** The rows as "path × times", newest first, once these were noted. */
function rowsAfter(...noted: readonly Exchange[]): string[] {
  const log = createExchangeLog();
  for (const one of noted) log.note(one);
  return log.newestFirst().map(({ path, times }) => `${path} × ${times}`);
}

test("an exchange is one row from its beginning to its end", () => {
  expect(rowsAfter(exchange(1, "/a", begun), exchange(2, "/b", begun), exchange(1, "/a"))).toEqual([
    "/b × 1",
    "/a × 1",
  ]);
});

test("calls that list a platform's webhooks share the row of the latest, and are counted once each", () => {
  const list = "/v1/webhooks?max=100";
  expect(
    rowsAfter(
      exchange(1, list, begun),
      exchange(1, list),
      exchange(2, "/v1/messages"),
      exchange(3, list, begun),
      exchange(4, list, begun),
      exchange(3, list, { status: 503 }),
      exchange(4, list),
    ),
  ).toEqual([`${list} × 3`, "/v1/messages × 1"]);
});

test("other platforms' lists, and calls that change a webhook, have rows of their own", () => {
  const action = "/v3.6/configuration/action/list_webhooks";
  const state = "/v3.6/configuration/action/get_license_webhooks_state";
  expect(
    rowsAfter(
      exchange(1, "/v1/webhooks"),
      exchange(2, action, { platform: "LiveChat", method: "POST" }),
      exchange(3, "/v1/webhooks", { method: "POST" }),
      exchange(4, "/webhooks", { kind: "webhook" }),
      exchange(5, action, { platform: "LiveChat", method: "POST" }),
      exchange(6, "/v1/webhooks/1", { method: "PUT" }),
      exchange(7, state, { platform: "LiveChat", method: "POST" }),
      exchange(8, state, { platform: "LiveChat", method: "POST" }),
    ),
  ).toEqual([
    `${state} × 2`,
    "/v1/webhooks/1 × 1",
    `${action} × 2`,
    "/webhooks × 1",
    "/v1/webhooks × 1",
    "/v1/webhooks × 1",
  ]);
});

test("polling drives nothing else out of the log, which keeps the latest rows", () => {
  const polls = Array.from({ length: 50 }, (_, index) => exchange(index + 2, "/v1/webhooks"));
  expect(rowsAfter(exchange(1, "/first"), ...polls)).toEqual(["/v1/webhooks × 50", "/first × 1"]);
  const many = Array.from({ length: 50 }, (_, index) => exchange(index, `/${index}`));
  expect(rowsAfter(...many)).toHaveLength(40);
});

test("a database that is away for a moment is looked at again", async () => {
  const store = openTestStore(newDatabase());
  await store.inbox.accept([aJob()]);
  let looks = 0;
  const desk = {
    ...store.desk,
    async countByState() {
      looks += 1;
      if (looks === 1) throw new StoreError("The database does not answer.");
      return store.desk.countByState();
    },
  };
  const watch = createInboxWatch({ ...store, desk }, { looked() {}, changed() {}, holderOf: () => null });
  onTestFinished(watch.stop);

  await vi.waitFor(() => expect(watch.view().counts.waiting).toBe(1));
});
