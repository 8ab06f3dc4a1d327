import { expect, test } from "vitest";
import { itemsOf, refusalOf, startWebex } from "./webex-caller.ts";

const ana = "ana@example.com";

async function startInRooms() {
  const webex = await startWebex();
  const group = webex.sandbox.addRoom({ title: "Balances", members: [ana] });
  const direct = webex.sandbox.addRoom({ title: "ana", type: "direct", members: [ana] });
  return { ...webex, group, direct };
}

test("a mention in a group room has html and mentioned people, the text holds the bare name", async () => {
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

test("of a name of several words only the first is shown, and other people can be mentioned too", async () => {
  const { sandbox } = await startWebex({ botName: "Globo (Bot)" });
  const bea = sandbox.addPerson("bea@example.com", { displayName: "Bea" });
  const { id: roomId } = sandbox.addRoom({ title: "Balances", members: [ana, "bea@example.com"] });
  const message = await sandbox.says(ana, roomId, "acct100 @Bea @Globo (Bot), not @Beatrice");
  expect(message).toMatchObject({
    text: "acct100 Bea Globo, not @Beatrice",
    mentionedPeople: [bea.id, sandbox.bot.id],
  });
});

test("a message without a mention has neither html nor mentioned people", async () => {
  const { sandbox, direct } = await startInRooms();
  const message = await sandbox.says(ana, direct.id, "acct100");
  expect(message).not.toHaveProperty("html");
  expect(message).not.toHaveProperty("mentionedPeople");
});

test("a message can come without text", async () => {
  const { sandbox, group } = await startInRooms();
  const message = await sandbox.says(ana, group.id, "@globobot", { omitText: true });
  expect(message).not.toHaveProperty("text");
  expect(message.mentionedPeople).toEqual([sandbox.bot.id]);
});

test("the bot reads what mentions it in groups and everything in direct rooms, the rest is not there", async () => {
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

test("a group's messages are listed newest first, only with mentionedPeople=me", async () => {
  const { sandbox, get, group } = await startInRooms();
  await sandbox.says(ana, group.id, "@globobot one");
  await sandbox.says(ana, group.id, "hidden");
  await sandbox.says(ana, group.id, "@globobot two");

  expect(await refusalOf(await get(`/messages?roomId=${group.id}`))).toMatchObject({ status: 403 });
  const items = await itemsOf(await get(`/messages?roomId=${group.id}&mentionedPeople=me`));
  expect(items.map(({ text }) => text)).toEqual(["globobot two", "globobot one"]);
  expect(await refusalOf(await get("/messages"))).toMatchObject({ status: 400 });
  expect(await refusalOf(await get("/messages?roomId=unknown"))).toMatchObject({ status: 404 });
});

test("the bot replies in a thread and is answered 200 with the message", async () => {
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
    { author: "ana", text: "globobot acct100" },
    { author: "globobot", text: "balance" },
  ]);
});

test("writing to a person finds the direct room, or opens it", async () => {
  const { sandbox, post, direct } = await startInRooms();
  const bea = sandbox.addPerson("bea@example.com");

  expect(await (await post("/messages", { toPersonEmail: ana, text: "hi" })).json()).toMatchObject({
    roomId: direct.id,
  });
  const first = await (await post("/messages", { toPersonId: bea.id, text: "hi" })).json();
  expect(first).toMatchObject({ roomType: "direct" });
  const second = await (await post("/messages", { toPersonEmail: "bea@example.com", text: "again" })).json();
  expect(second).toMatchObject({ roomId: JSON.parse(JSON.stringify(first)).roomId });
});

test("a message may be 7439 bytes long, not characters", async () => {
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
    { roomId, toPersonEmail: ana, text },
    { roomId, text, parentId: reply.id },
    { roomId: direct.id, text, parentId: root.id },
    { roomId, text, unheardOf: true },
    { roomId, files: ["https://a.example/1", "https://a.example/2"] },
    { toPersonId: sandbox.bot.id, text },
  ];
  for (const body of wrong)
    expect(await refusalOf(await post("/messages", body))).toMatchObject({ status: 400 });
  for (const body of [
    { roomId: "unknown", text },
    { toPersonEmail: "nobody@example.com", text },
  ]) {
    expect(await refusalOf(await post("/messages", body))).toMatchObject({ status: 404 });
  }
  expect(sandbox.messages(group.id)).toHaveLength(2);
});

test("the bot deletes its own messages only", async () => {
  const { sandbox, call, post, direct } = await startInRooms();
  const theirs = await sandbox.says(ana, direct.id, "acct100");
  await post("/messages", { roomId: direct.id, text: "balance" });
  const own = sandbox.messages(direct.id).at(-1);

  expect(await refusalOf(await call("DELETE", `/messages/${theirs.id}`))).toMatchObject({ status: 403 });
  const answer = await call("DELETE", `/messages/${own?.id}`);
  expect([answer.status, await answer.text()]).toEqual([204, ""]);
  expect(sandbox.messages(direct.id)).toEqual([theirs]);
});

test("a room and its members can be read", async () => {
  const { sandbox, get, group } = await startInRooms();
  expect(await (await get(`/rooms/${group.id}`)).json()).toMatchObject({ title: "Balances", type: "group" });
  expect(await refusalOf(await get("/rooms/unknown"))).toMatchObject({ status: 404 });

  const members = await itemsOf(await get(`/memberships?roomId=${group.id}`));
  expect(members.map(({ personEmail }) => personEmail)).toEqual([sandbox.bot.email, ana]);
  expect(members[1]).toMatchObject({ personDisplayName: "ana", roomType: "group", isModerator: false });
  expect(await itemsOf(await get(`/memberships?roomId=${group.id}&personEmail=${ana}`))).toHaveLength(1);
  expect(await itemsOf(await get("/memberships"))).toHaveLength(2);
  expect(await refusalOf(await get(`/memberships?personEmail=${ana}`))).toMatchObject({ status: 400 });
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
