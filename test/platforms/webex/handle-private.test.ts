import { expect, test } from "vitest";
import { createSampleLedger } from "../../../src/accounts.ts";
import { StoreError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/job.ts";
import type { WebexMessage } from "../../../src/platforms/webex/client.ts";
import { createHandle } from "../../../src/platforms/webex/handle.ts";
import { aJob } from "../../support/jobs.ts";
import { ANA_UUID, aMessage, answeredWith, createFakeWebex, personIdOf } from "../../support/webex.ts";

const BALANCE = { toPersonId: personIdOf(ANA_UUID), text: "balance for acct100: 40.00 USD" };
const SENT = { roomId: "ROOM1", text: "I have sent it to you." };

/** A bot that tells balances privately. */
function createPrivateDesk(message: Partial<WebexMessage> = {}, allowedSenders: string[] | null = null) {
  const client = createFakeWebex(aMessage({ roomType: "group", ...message }));
  const saved: JsonObject[] = [];
  const options = { client, getMe: client.getMe, ledger: createSampleLedger(), replyPrivately: true };
  const handle = createHandle({ ...options, allowedSenders });
  const ask = (progress: JsonObject = {}, save = async (next: JsonObject) => void saved.push(next)) => {
    const job = aJob({ payload: { messageId: "MSG1" } });
    return handle({ ...job, attempts: 1, acceptedAt: Date.now(), progress }, save);
  };
  return { client, saved, ask };
}

test("in a group room only the sender is told the balance; the room is told that it was sent", async () => {
  const { ask, client } = createPrivateDesk();

  expect(await ask()).toBe("replied to the sender alone");

  expect(client.replies).toEqual([BALANCE, SENT]);
});

test("in a thread, the thread is told", async () => {
  const { ask, client } = createPrivateDesk({ parentId: "MSG0" });

  await ask();

  expect(client.replies).toEqual([BALANCE, { ...SENT, parentId: "MSG0" }]);
});

test("a 1:1 room is private anyway", async () => {
  const { ask, client } = createPrivateDesk({ roomType: "direct" });

  expect(await ask()).toBe("replied");

  expect(client.replies).toEqual([{ roomId: "ROOM1", text: BALANCE.text }]);
});

test("a room of unknown type counts as a group room", async () => {
  const { ask, client } = createPrivateDesk({ roomType: undefined });

  await ask();

  expect(client.replies).toEqual([BALANCE, SENT]);
});

test("when the room cannot be told, the next attempt does not tell the sender again", async () => {
  const { ask, client, saved } = createPrivateDesk();
  client.next("createMessage", null, answeredWith(503));

  await expect(ask()).rejects.toMatchObject({ status: 503 });
  expect(saved).toEqual([{ told: true }]);
  expect(await ask({ told: true })).toBe("replied to the sender alone");

  expect(client.replies).toEqual([BALANCE, SENT]);
});

test("when the sender cannot be told, the room is not told either", async () => {
  const { ask, client, saved } = createPrivateDesk();
  const failure = answeredWith(503);
  client.next("createMessage", failure);

  await expect(ask()).rejects.toBe(failure);

  expect(client.replies).toEqual([]);
  expect(saved).toEqual([]);
});

test("that the sender was told is saved before the room is told", async () => {
  const { ask, client } = createPrivateDesk();

  await expect(ask({}, () => Promise.reject(new StoreError("the disk is full")))).rejects.toThrow(StoreError);

  expect(client.replies).toEqual([BALANCE]);
});

test("a sender who is not on the list gets no reply, in private either", async () => {
  const { ask, client } = createPrivateDesk({}, ["@globex.example"]);

  await ask();

  expect(client.replies).toEqual([]);
});
