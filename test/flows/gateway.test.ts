import { expect, test } from "vitest";
import { LICENSE } from "../../src/demo/stage.ts";
import { timePassesUntil } from "../support/clock.ts";
import { isBotIn, pizzaLines, startStoppedStage } from "../support/stage.ts";

const SAID = "Pizza is on the way!";
const ANA = "ana@example.com";
/** What proxies, firewalls and load balancers answer with, none of which is the platform's own word. */
const STATUSES = [302, 403, 404, 407, 421, 425];

test.each(["join_chat", "send_event", "remove_from_chat"] as const)(
  "whatever a gateway answers to %s, the agents are told once and the bot is out",
  async (endpoint) => {
    const stage = await startStoppedStage();
    await stage.install();
    for (const status of STATUSES)
      stage.chatio.faults.inject({ kind: "gateway", status, endpoint, times: 1 });
    const chats = await Promise.all(STATUSES.map(() => stage.chatio.startChat(LICENSE, "pizza")));
    await timePassesUntil(() => {
      for (const { chatId } of chats) {
        expect(pizzaLines(stage, chatId)).toEqual([SAID]);
        expect(isBotIn(stage, chatId)).toBe(false);
      }
    }, 15_000);
    expect(stage.sink.messages().filter((message) => message.startsWith("Job dead"))).toEqual([]);
    expect(stage.chatio.faults.injected()).toBe(STATUSES.length);
  },
);

test.each(["GET /messages/:id", "POST /messages"])(
  "whatever a gateway answers to %s, each question is answered",
  async (endpoint) => {
    const stage = await startStoppedStage();
    for (const status of STATUSES) stage.webex.faults.inject({ kind: "gateway", status, endpoint, times: 1 });
    const rooms = await Promise.all(
      STATUSES.map(async () => {
        const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
        await stage.webex.says(ANA, room.id, "@globobot acct100");
        return room.id;
      }),
    );
    await timePassesUntil(() => {
      for (const roomId of rooms)
        expect(stage.webex.transcript(roomId).at(-1)?.text).toBe("balance for acct100: 40.00 USD");
    }, 15_000);
  },
);

test("a gateway's 401 says nothing of Webex's token", async () => {
  const stage = await startStoppedStage();
  stage.webex.faults.inject({ kind: "gateway", status: 401, endpoint: "GET /messages/:id", times: 1 });
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
  await stage.webex.says(ANA, room.id, "@globobot acct100");
  await timePassesUntil(() =>
    expect(stage.webex.transcript(room.id).at(-1)?.text).toBe("balance for acct100: 40.00 USD"),
  );
  expect(stage.sink.text()).not.toContain("refuses WT_API_TOKEN");
});

test.each(["cut-body", "huge-body", "broken-gzip"] as const)(
  "a good answer with a %s has done what it says: nothing is said twice",
  async (kind) => {
    const stage = await startStoppedStage();
    await stage.install();
    for (const endpoint of ["join_chat", "send_event", "remove_from_chat"])
      stage.chatio.faults.inject({ kind, endpoint });
    stage.webex.faults.inject({ kind, endpoint: "POST /messages" });
    const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
    const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
    await stage.webex.says(ANA, room.id, "@globobot acct100");

    const done = () => stage.sink.messages().filter((message) => message.startsWith("Job done"));
    await timePassesUntil(() => expect(done()).toHaveLength(2));

    expect(pizzaLines(stage, chatId)).toEqual([SAID]);
    expect(isBotIn(stage, chatId)).toBe(false);
    expect(stage.webex.transcript(room.id).filter(({ author }) => author === "globobot")).toHaveLength(1);
    const names = stage.chatio.calls.map(({ name }) => name);
    expect(names.slice(-3)).toEqual(["join_chat", "send_event", "remove_from_chat"]);
  },
);
