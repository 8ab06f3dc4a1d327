import { expect, test } from "vitest";
import { errorOf, NO_ANSWER, refusedAs, startChatio } from "../../support/chatio.ts";
import { createChatioKeeper, createKeeperDesk, OLD } from "../../support/chatio-tokens.ts";
import { anInstallation } from "../../support/jobs.ts";
import { createLogSink } from "../../support/log.ts";
import { openTestStore, temporaryFolder } from "../../support/store.ts";

const NEEDS_REINSTALL =
  "License 1520 needs a reinstall: chat.io no longer renews its tokens. Open /install to do so.";

test("a refresh token that is refused for good marks the installation as needing a reinstall, once", async () => {
  const { client, join, kept, sink } = await createKeeperDesk();
  client.expire();
  client.next("refresh", refusedAs("invalid_grant"));

  const ends = await Promise.allSettled(Array.from({ length: 10 }, () => join()));

  const reason = { message: NEEDS_REINSTALL, type: "needs_reinstall", retryable: false };
  for (const end of ends)
    expect(end).toMatchObject({ status: "rejected", reason: expect.objectContaining(reason) });
  expect(await kept()).toMatchObject({ needsReinstall: true, credentials: OLD });
  expect(client.calls.filter((call) => call.startsWith("refresh"))).toHaveLength(1);
  expect(sink.messages().filter((line) => line.includes("needs a reinstall"))).toEqual([NEEDS_REINSTALL]);
});

test("from then on no call is made for that license, and every job is told why", async () => {
  const { client, join, renewOld } = await createKeeperDesk({ needsReinstall: true });

  const refusal = { message: NEEDS_REINSTALL, type: "needs_reinstall", wasAsked: false, retryable: false };
  await expect(join()).rejects.toMatchObject(refusal);
  await expect(renewOld()).rejects.toMatchObject(refusal);

  expect(client.calls).toEqual([]);
});

test("a refusal does not count if another process has renewed the tokens meanwhile", async () => {
  const { client, installAnew, installations, join, kept, sink } = await createKeeperDesk();
  client.expire();
  client.next("refresh", refusedAs("invalid_grant"));
  client.meanwhile("refresh", async () => installations.save(await installAnew("newer")));

  await join();

  expect(client.calls.at(-1)).toBe("join_chat access-newer");
  expect(await kept()).toMatchObject({ needsReinstall: false, credentials: { accessToken: "access-newer" } });
  expect(sink.text()).not.toContain("needs a reinstall");
});

test.each([
  ["an outage", NO_ANSWER],
  ["a wrong client secret", refusedAs("invalid_client", 401)],
])("%s while renewing is no reason for a reinstall", async (_name, failure) => {
  const { client, join, kept } = await createKeeperDesk();
  client.expire();
  client.next("refresh", failure);

  await expect(join()).rejects.toMatchObject(errorOf(failure));

  expect(await kept()).toMatchObject({ needsReinstall: false, credentials: OLD });
});

test("a job of a license that is not installed is refused for good", async () => {
  const { join } = await createKeeperDesk();

  await expect(join("1521")).rejects.toMatchObject({
    message: "The Pizza BOT is not installed on license 1521.",
    wasAsked: false,
    retryable: false,
  });
});

async function withAnotherClientSecret() {
  const path = `${temporaryFolder()}/test.db`;
  const earlier = openTestStore(path, "client-secret-earlier");
  await earlier.installations.of("chatio").save(anInstallation({ credentials: OLD }));
  await earlier.close();
  return openTestStore(path, "client-secret-changed").installations.of("chatio");
}

test("after the client secret was changed, jobs wait, and say which secret to put back", async () => {
  const installations = await withAnotherClientSecret();
  const client = await startChatio();
  const { log } = createLogSink();
  const tokens = createChatioKeeper({
    client,
    installations,
    oneAtATime: (_key, work) => work(),
    log,
  });

  await expect(tokens.use("1520", (bot) => client.joinChat(bot, "chat-1"))).rejects.toMatchObject({
    message:
      "The tokens of license 1520 were encrypted with another CHATIO_CLIENT_SECRET or DATABASE_ENCRYPTION_KEY and cannot be read. " +
      "Put the earlier one back and restart, or install the Pizza BOT again on that license.",
    wasAsked: false,
    retryable: true,
  });
  expect(client.calls).toEqual([]);
});
