import { expect, test, vi } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { NO_ANSWER, refusedAs } from "../../support/chatio.ts";
import { createRenewalDesk, HOUR_MS, overdue } from "../../support/chatio-renewal.ts";
import { OLD } from "../../support/chatio-tokens.ts";
import { anInstallation } from "../../support/jobs.ts";

const UPDATED = "update_bot_agent bot-old access-old webhook-secret-old";

test("a failed update of the bot agent is repeated later, without another renewal", async () => {
  const { client, kept, rounds, start } = await createRenewalDesk(() => ({ botIsCurrent: false }));
  client.next("updateBotAgent", NO_ANSWER, NO_ANSWER);

  await start();
  await rounds(4);

  expect(client.calls).toEqual([UPDATED, UPDATED, UPDATED]);
  expect(await kept()).toMatchObject({ botIsCurrent: true });
});

test("a failed renewal is retried after 15 seconds", async () => {
  const { client, refreshes, rounds, sink, start } = await createRenewalDesk(overdue);
  client.next("refresh", NO_ANSWER);

  await start();
  expect(sink.messages()).toEqual([
    "The installation could not be renewed yet: chat.io did not answer refresh (ECONNRESET).",
  ]);
  await rounds(1, 14_999);
  expect(refreshes()).toHaveLength(1);

  await rounds();
  expect(refreshes()).toHaveLength(2);
});

test("by the monotonic clock, whatever the wall clock does", async () => {
  const { client, refreshes, rounds, start } = await createRenewalDesk(overdue);
  client.next("refresh", NO_ANSWER);

  await start();
  vi.setSystemTime(Date.now() - 2 * HOUR_MS);
  await rounds();

  expect(refreshes()).toHaveLength(2);
});

test("a refused renewal, which somebody has to fix, is retried after five minutes", async () => {
  const { client, refreshes, rounds, start } = await createRenewalDesk(overdue);
  client.next("refresh", refusedAs("invalid_client", 401));

  await start();
  await rounds(19);
  expect(refreshes()).toHaveLength(1);

  await rounds();
  expect(refreshes()).toHaveLength(2);
});

test("a longer wait that chat.io asks for is respected", async () => {
  const { client, refreshes, rounds, start } = await createRenewalDesk(overdue);
  client.next("refresh", { kind: "status-429", retryAfter: "40" });

  await start();
  await rounds(2);
  expect(refreshes()).toHaveLength(1);

  await rounds();
  expect(refreshes()).toHaveLength(2);
});

test("an installation that needs a reinstall is left alone", async () => {
  const { client, rounds, start } = await createRenewalDesk(() => ({ ...overdue(), needsReinstall: true }));

  await start();
  await rounds(2);

  expect(client.calls).toEqual([]);
});

test("a refresh token that is refused for good is used once and logged once", async () => {
  const { client, kept, refreshes, rounds, sink, start } = await createRenewalDesk(overdue);
  client.next("refresh", refusedAs("invalid_grant"));

  await start();
  await rounds(3);

  expect(refreshes()).toHaveLength(1);
  expect(await kept()).toMatchObject({ needsReinstall: true });
  expect(sink.messages().filter((line) => line.includes("needs a reinstall"))).toHaveLength(1);
});

test("tokens that cannot be read are left alone", async () => {
  const unreadable = async () => ({ ...anInstallation(overdue()), credentials: null });
  const { client, sink, start } = await createRenewalDesk(overdue, { find: unreadable });

  await start();

  expect(client.calls).toEqual([]);
  expect(sink.messages()).toEqual([]);
});

test("one license that cannot be renewed blocks no other", async () => {
  const { client, installations, refreshes, start } = await createRenewalDesk(overdue);
  for (const account of Array.from({ length: 20 }, (_, at) => String(2000 + at))) {
    const credentials = {
      ...OLD,
      refreshToken: `refresh-${account}`,
      webhookSecret: `secret-${account}`,
    };
    await installations.save(anInstallation({ account, credentials, ...overdue() }));
  }
  client.next("refresh", NO_ANSWER);

  await start();

  expect(refreshes()).toHaveLength(21);
});

test("an unreadable database is logged, and read again", async () => {
  const due = vi.fn(async () => [{ account: "1520", dueAt: 0 }]);
  due.mockRejectedValueOnce(new StoreError("the disk is gone"));
  const { refreshes, rounds, sink, start } = await createRenewalDesk(overdue, { due });

  await start();
  expect(sink.messages()).toEqual([
    "Due installations could not be read; next try in a second: the disk is gone",
  ]);

  await rounds();
  expect(refreshes()).toHaveLength(1);
});
