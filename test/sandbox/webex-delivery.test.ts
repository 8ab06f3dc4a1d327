import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { ana, startListening } from "./webex-caller.ts";

test("a delivery describes the hook and the message, without any content or secret", async () => {
  const { sandbox, receiver, group, hook } = await startListening({
    filter: "mentionedPeople=me",
    secret: "s",
  });

  const message = await sandbox.says(ana, group.id, "@globobot acct100");

  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]?.headers["content-type"]).toBe("application/json;charset=UTF-8");
  const { id, personId, personEmail, mentionedPeople, created } = message;
  expect(receiver.received[0]?.body).toEqual({
    id: hook.id,
    name: "globobot",
    targetUrl: receiver.url,
    resource: "messages",
    event: "created",
    filter: "mentionedPeople=me",
    orgId: hook.orgId,
    createdBy: sandbox.bot.id,
    appId: hook.appId,
    ownedBy: "creator",
    status: "active",
    created: hook.created,
    actorId: personId,
    data: { id, roomId: group.id, roomType: "group", personId, personEmail, mentionedPeople, created },
  });
  expect(sandbox.deliveries).toEqual([
    { id: expect.any(String), hookId: hook.id, messageId: id, status: 200, attempt: 1 },
  ]);
});

test("the signatures, over the exact bytes, can be chosen; without a secret there are none", async () => {
  const { sandbox, receiver, direct, hook, call } = await startListening();
  const headers = () => {
    const last = receiver.received.at(-1);
    return { spark: last?.headers["x-spark-signature"], webex: last?.headers["x-webex-signature"] };
  };
  await sandbox.says(ana, direct.id, "no secret");
  expect(headers()).toEqual({ spark: undefined, webex: undefined });

  await call("PUT", `/webhooks/${hook.id}`, { name: "n", targetUrl: receiver.url, secret: "s" });
  const made = expect.any(String);
  for (const [signature, expected] of [
    ["spark", { spark: made, webex: undefined }],
    ["webex", { spark: undefined, webex: made }],
    ["none", { spark: undefined, webex: undefined }],
    ["wrong", { spark: made, webex: made }],
    ["both", { spark: made, webex: made }],
  ] as const) {
    sandbox.delivery.signature = signature;
    await sandbox.says(ana, direct.id, "signed");
    expect(headers()).toEqual(expected);
  }
  const [wrong, both] = receiver.received.slice(-2);
  const hmac = (algorithm: string) =>
    createHmac(algorithm, "s")
      .update(both?.text ?? "")
      .digest("hex");
  const right = { spark: hmac("sha1"), webex: `SHA-256=${hmac("sha256")}, SHA-512=${hmac("sha512")}` };
  expect(headers()).toEqual(right);
  expect(wrong?.headers["x-spark-signature"]).not.toBe(right.spark);
});

test("without a filter the bot hears everything in direct rooms, its mentions in groups, and nothing else", async () => {
  const { sandbox, post, group, direct, heard } = await startListening();
  await sandbox.says(ana, group.id, "among us");
  const mention = await sandbox.says(ana, group.id, "acct100 @globobot");
  const told = await sandbox.says(ana, direct.id, "acct100");
  await post("/messages", { roomId: group.id, text: "to the group" });
  await post("/messages", { roomId: direct.id, text: "to ana" });
  await sandbox.settled();

  const own = sandbox.messages(direct.id).at(-1);
  expect(own?.personId).toBe(sandbox.bot.id);
  expect(heard()).toEqual([mention.id, told.id, own?.id]);
});

test("all parts of a filter must match", async () => {
  const { sandbox, group, direct, hook, call, listen } = await startListening();
  await call("DELETE", `/webhooks/${hook.id}`);
  const filters = [
    "roomType=group&mentionedPeople=me",
    "roomType=direct",
    "mentionedPeople=me",
    "roomType=direct&mentionedPeople=me",
  ];
  const hooks = filters.map((filter) => listen({ filter }));
  const mention = await sandbox.says(ana, group.id, "@globobot acct100");
  await sandbox.says(ana, group.id, "@bea acct100");
  const told = await sandbox.says(ana, direct.id, "acct100");

  const heardBy = hooks.map(({ id }) =>
    sandbox.deliveries.filter(({ hookId }) => hookId === id).map(({ messageId }) => messageId),
  );
  expect(heardBy).toEqual([[mention.id], [told.id], [mention.id], []]);
});

test("a firehose hook hears of new messages under their own name", async () => {
  const { sandbox, receiver, direct } = await startListening({ resource: "all", event: "all" });
  const { id } = await sandbox.says(ana, direct.id, "acct100");
  expect(receiver.received.map(({ body }) => body)).toMatchObject([
    { resource: "messages", event: "created", data: { id } },
  ]);
});

test.each([{ resource: "rooms" }, { event: "deleted" }] as const)(
  "a hook for %o hears nothing of a new message",
  async (other) => {
    const { sandbox, direct, receiver } = await startListening(other);
    await sandbox.says(ana, direct.id, "acct100");
    expect(receiver.received).toEqual([]);
  },
);

test("two hooks for the same messages get two deliveries, even while the bot's token is rejected", async () => {
  const { sandbox, direct, listen, heard } = await startListening();
  listen();
  sandbox.rejectToken();
  const { id } = await sandbox.says(ana, direct.id, "acct100");
  expect(heard()).toEqual([id, id]);
});
