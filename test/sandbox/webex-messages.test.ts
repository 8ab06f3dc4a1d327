import { expect, test } from "vitest";
import { ana, refusalOf, startWebex } from "./webex-caller.ts";

async function startInRooms() {
  const webex = await startWebex();
  const group = webex.sandbox.addRoom({ title: "Balances", members: [ana] });
  const direct = webex.sandbox.addRoom({ title: "ana", type: "direct", members: [ana] });
  return { ...webex, group, direct };
}

test("a mention in a group room has html and mentioned people; the text has the bare name", async () => {
  const { sandbox, get, group } = await startInRooms();
  const { id } = await sandbox.says(ana, group.id, "@globobot acct100 <3");

  expect(await (await get(`/messages/${id}`)).json()).toMatchObject({
    id,
    roomId: group.id,
    roomType: "group",
    personEmail: ana,
    text: "globobot acct100 <3",
    html: `<spark-mention data-object-type="person" data-object-id="${sandbox.bot.id}">globobot</spark-mention> acct100 &lt;3`,
    mentionedPeople: [sandbox.bot.id],
  });
});

test("other people can be mentioned too, by their whole name", async () => {
  const { sandbox } = await startWebex();
  const { id: roomId, members } = sandbox.addRoom({ title: "Balances", members: [ana, "bea.b@example.com"] });
  const message = await sandbox.says(ana, roomId, "acct100 @bea.b @globobot, not @beatb nor @globobots");
  expect(message).toMatchObject({
    text: "acct100 bea.b globobot, not @beatb nor @globobots",
    mentionedPeople: [members[2]?.id, sandbox.bot.id],
  });
});

test("without a mention there is neither html nor mentioned people; there may be no text either", async () => {
  const { sandbox, direct } = await startInRooms();
  const message = await sandbox.says(ana, direct.id, "acct100");
  expect(message).not.toHaveProperty("html");
  expect(message).not.toHaveProperty("mentionedPeople");
  const file = await sandbox.says(ana, direct.id, "", { omitText: true });
  expect(file).not.toHaveProperty("text");
});

test("the bot can read messages that mention it in groups, all in direct rooms, and no others", async () => {
  const { sandbox, get, group, direct } = await startInRooms();
  const hidden = await sandbox.says(ana, group.id, "among us");
  const unseen = { status: 404, message: "Unable to get message." };
  expect(await refusalOf(await get(`/messages/${hidden.id}`))).toEqual(unseen);
  expect(await refusalOf(await get("/messages/unknown"))).toEqual(unseen);
  const told = await sandbox.says(ana, direct.id, "acct100");
  expect((await get(`/messages/${told.id}`)).status).toBe(200);
  sandbox.deleteMessage(told.id);
  expect(await refusalOf(await get(`/messages/${told.id}`))).toEqual(unseen);
});

test("a reply in a thread is answered 200 with the message", async () => {
  const { sandbox, post, group } = await startInRooms();
  const question = await sandbox.says(ana, group.id, "@globobot acct100");

  const answer = await post("/messages", { roomId: group.id, parentId: question.id, text: "balance" });

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    roomId: group.id,
    parentId: question.id,
    personId: sandbox.bot.id,
  });
  expect(sandbox.transcript(group.id)).toEqual([
    { author: "ana", text: "globobot acct100", isToldToBot: true },
    { author: "globobot", text: "balance", isToldToBot: false },
  ]);
});

test("writing to a person finds the direct room, or opens it", async () => {
  const { sandbox, post, direct } = await startInRooms();
  const { members } = sandbox.addRoom({ title: "Two", members: [ana, "bea@example.com"] });
  const [, anaId, beaId] = members.map(({ id }) => id);

  const toAna = await post("/messages", { toPersonId: anaId, text: "hi" });
  expect(await toAna.json()).toMatchObject({ roomId: direct.id, roomType: "direct" });
  const first = await (await post("/messages", { toPersonId: beaId, text: "hi" })).json();
  expect(first).toMatchObject({ roomType: "direct" });
  const second = await (await post("/messages", { toPersonId: beaId, text: "again" })).json();
  expect(second).toMatchObject({ roomId: JSON.parse(JSON.stringify(first)).roomId });
});

test("a message may be 7439 bytes long (bytes, not characters)", async () => {
  const { post, group } = await startInRooms();
  const longest = "é".repeat(3719);
  expect((await post("/messages", { roomId: group.id, text: `${longest}.` })).status).toBe(200);
  const tooLong = await post("/messages", { roomId: group.id, text: `${longest}..` });
  expect(await refusalOf(tooLong)).toMatchObject({ status: 400 });
});

test("messages that are not as documented are refused", async () => {
  const { sandbox, post, group, direct } = await startInRooms();
  const root = await sandbox.says(ana, group.id, "@globobot root");
  const reply = await sandbox.says(ana, group.id, "@globobot reply", { parentId: root.id });
  const text = "hi";
  const roomId = group.id;
  const wrong = [
    {},
    { text },
    { roomId },
    { roomId, text: "" },
    { roomId, text: 1 },
    { roomId, toPersonId: root.personId, text },
    { toPersonId: sandbox.bot.id, text },
    { roomId, text, parentId: reply.id },
    { roomId: direct.id, text, parentId: root.id },
    { roomId, text, unheardOf: true },
  ];
  for (const body of wrong)
    expect(await refusalOf(await post("/messages", body))).toMatchObject({ status: 400 });
  expect(await refusalOf(await post("/messages", { roomId: "unknown", text }))).toMatchObject({
    status: 404,
  });
  expect(sandbox.messages(group.id)).toHaveLength(2);
});

test("only members write in a room, and threads have one level", async () => {
  const { sandbox, group } = await startInRooms();
  await expect(sandbox.says("eve@example.com", group.id, "hi")).rejects.toThrow("not in the room");
  const root = await sandbox.says(ana, group.id, "root");
  const reply = await sandbox.says(ana, group.id, "reply", { parentId: root.id });
  await expect(sandbox.says(ana, group.id, "deeper", { parentId: reply.id })).rejects.toThrow("top-level");
});

test("faults are answered in the documented form, and calls are recorded by template", async () => {
  const { sandbox, get, post, group } = await startInRooms();
  sandbox.faults.inject({ kind: "status-429", endpoint: "POST /messages", times: 1, retryAfter: "3" });
  const busy = await post("/messages", { roomId: group.id, text: "hi" });
  expect(busy.headers.get("retry-after")).toBe("3");
  expect(await refusalOf(busy)).toMatchObject({ status: 429 });
  await get("/messages/unknown");
  await post("/webhooks", { secret: "s" });
  expect(sandbox.calls).toEqual([
    { name: "POST /messages", path: "/v1/messages", body: { roomId: group.id, text: "hi" }, status: 429 },
    { name: "GET /messages/:id", path: "/v1/messages/unknown", status: 404 },
    { name: "POST /webhooks", path: "/v1/webhooks", body: {}, status: 400 },
  ]);
});
