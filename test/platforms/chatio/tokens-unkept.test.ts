import { expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import { refusedAs } from "../../support/chatio.ts";
import { createKeeperDesk } from "../../support/chatio-tokens.ts";

/** Tokens have been renewed, but the database could not keep that; the ones before are used up. */
async function createUnkeptDesk() {
  const desk = await createKeeperDesk({ obtainedAt: Date.now() - 3_600_000 });
  desk.client.expire();
  desk.client.next("refresh", null, refusedAs("invalid_grant"));
  desk.nextSaves(new StoreError("the disk is full"));
  await expect(desk.join()).rejects.toThrow(StoreError);
  return desk;
}

test("renewed tokens that cannot be saved at once are not lost", async () => {
  const { client, join, kept } = await createUnkeptDesk();

  await join();

  expect(client.calls.at(-1)).toBe("join_chat access-new-1");
  expect(await kept()).toMatchObject({
    needsReinstall: false,
    credentials: { refreshToken: "refresh-new-1" },
  });
});

test("nor while saving keeps failing", async () => {
  const { client, join, nextSaves } = await createUnkeptDesk();
  nextSaves(new StoreError("the disk is full"), new StoreError("the disk is full"));

  await expect(join()).rejects.toThrow(StoreError);
  await expect(join()).rejects.toThrow(StoreError);
  await join();

  expect(client.calls.at(-1)).toBe("join_chat access-new-1");
});

test("the bot agent is updated with them in the next round", async () => {
  const { client, kept, tokens } = await createUnkeptDesk();

  await tokens.updateBot("1520");

  expect(client.calls.at(-1)).toBe("update_bot_agent bot-old access-new-1 webhook-secret-old");
  expect(await kept()).toMatchObject({ botIsCurrent: true });
});

test("they do not overwrite a newer installation", async () => {
  const { client, installAnew, installations, join, kept } = await createUnkeptDesk();
  await installations.save(await installAnew("3"));

  await join();

  expect(client.calls.at(-1)).toBe("join_chat access-3");
  expect(await kept()).toMatchObject({ botId: "bot-3", credentials: { refreshToken: "refresh-3" } });
});

test("they do not bring back a license that was removed", async () => {
  const { installations, join, kept } = await createUnkeptDesk();
  await installations.remove("1520");

  await expect(join()).rejects.toThrow("The Pizza BOT is not installed on license 1520.");

  expect(await kept()).toBeNull();
});
