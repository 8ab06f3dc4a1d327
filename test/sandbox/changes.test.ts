import { expect, test, vi } from "vitest";
import { license, startChatio } from "./chatio-caller.ts";
import { organization, startInstalled } from "./livechat-caller.ts";
import { ana, startWebex } from "./webex-caller.ts";

const hookUrl = "http://127.0.0.1:9/hook";
const hook = { name: "globobot", targetUrl: hookUrl, resource: "messages", event: "created" } as const;

/** Whether a change was reported since the last question. */
function createWatch() {
  const onChange = vi.fn();
  const hasChanged = () => {
    const isTold = onChange.mock.calls.length > 0;
    onChange.mockClear();
    return isTold;
  };
  /** Each step must be reported. */
  const expectChanges = async (...steps: (() => unknown)[]) => {
    for (const step of steps) {
      await step();
      expect(hasChanged(), step.toString()).toBe(true);
    }
  };
  return { onChange, hasChanged, expectChanges };
}

async function startChat() {
  const watch = createWatch();
  const { onChange, hasChanged } = watch;
  const chatio = await startChatio({ onChange });
  const { access_token: token } = await chatio.install();
  const bot = await chatio.createBot(token, hookUrl, []);
  const { chatId } = await chatio.sandbox.startChat(license, "pizza?");
  hasChanged();
  return { ...chatio, ...watch, token, bot, chatId };
}

test("every line, join and leave in a chat is a change", async () => {
  const { sandbox, token, bot, chatId, join, send, leave, expectChanges } = await startChat();
  await expectChanges(
    () => sandbox.startChat(license, "another customer"),
    () => sandbox.customerWrites(chatId, "hello?"),
    () => sandbox.agentWrites(chatId, "hello!"),
    () => join(token, bot, chatId),
    () => send(token, bot, chatId, { text: "on the way" }),
    () => leave(token, bot, chatId),
  );
});

test("a bot agent created, changed, removed or logged out is a change", async () => {
  const { sandbox, token, bot, createBot, configure, expectChanges } = await startChat();
  await expectChanges(
    () => createBot(token, hookUrl),
    () => configure("update_bot_agent", token, { id: bot, name: "Pasta BOT" }),
    () => configure("remove_bot_agent", token, { bot_agent_id: bot }),
    () => sandbox.botAgents(license).forEach(({ id }) => void sandbox.removeBotAgent(license, id)),
    () => sandbox.expireAccessTokens(),
    () => sandbox.revokeAll(),
  );
});

test("a change is visible by the time it is reported", async () => {
  const { sandbox, token, bot, chatId, join, onChange } = await startChat();
  const seen: { members: number; bots: number; lines: number }[] = [];
  onChange.mockImplementation(() => {
    const bots = sandbox.botAgents(license).length;
    seen.push({ members: sandbox.members(chatId).length, bots, lines: sandbox.transcript(chatId).length });
  });
  await join(token, bot, chatId);
  sandbox.removeBotAgent(license, bot);
  expect(seen).toEqual([
    { members: 1, bots: 1, lines: 2 },
    { members: 0, bots: 0, lines: 2 },
  ]);
});

test("reading and refused calls are no changes", async () => {
  const { sandbox, token, bot, chatId, configure, leave, hasChanged } = await startChat();
  await configure("get_bot_agents", token, {});
  await configure("update_bot_agent", token, { id: "unknown" });
  await leave(token, bot, chatId);
  sandbox.transcript(chatId);
  expect(hasChanged()).toBe(false);
});

test("every message, and every room or webhook added, changed or deleted, is a change", async () => {
  const { onChange, expectChanges } = createWatch();
  const { sandbox, call, post } = await startWebex({ onChange });
  const room = sandbox.addRoom({ title: "Balances", members: [ana] });
  const { id } = sandbox.addWebhook({ ...hook, resource: "rooms" });
  await expectChanges(
    () => sandbox.addRoom({ title: "More", members: [ana] }),
    () => sandbox.says(ana, room.id, "acct100"),
    () => post("/messages", { roomId: room.id, text: "40.00" }),
    () => sandbox.addWebhook(hook),
    () => call("POST", "/webhooks", hook),
    () => call("PUT", `/webhooks/${id}`, { name: "new", targetUrl: hookUrl }),
    () => sandbox.disableWebhook(id),
    () => call("DELETE", `/webhooks/${id}`),
  );
});

test("a webhook disabled by failed deliveries is a change", async () => {
  const { onChange } = createWatch();
  const { sandbox } = await startWebex({ onChange });
  const room = sandbox.addRoom({ title: "ana", type: "direct", members: [ana] });
  sandbox.addWebhook(hook);
  Object.assign(sandbox.delivery, { isOffline: true, attempts: 100, retryAfterMs: 0 });
  const statuses: (string | undefined)[] = [];
  onChange.mockImplementation(() => void statuses.push(sandbox.webhooks()[0]?.status));
  await sandbox.says(ana, room.id, "acct100");
  expect(statuses).toEqual(["active", "inactive"]);
});

test("at LiveChat, whatever happens in a chat, to a bot or to a webhook is a change", async () => {
  const { onChange, hasChanged } = createWatch();
  const livechat = await startInstalled({}, { onChange });
  const { sandbox, accessToken, refreshToken, bot, botToken, configure, join, send, leave } = livechat;
  const { chatId } = await sandbox.startChat(organization, "pizza?");
  expect(hasChanged()).toBe(true);
  const steps = [
    () => sandbox.agentWrites(chatId, "hello!"),
    () => join(botToken, bot.id, chatId),
    () => send(botToken, chatId, { text: "on the way", visibility: "agents" }),
    () => leave(botToken, bot.id, chatId),
    () => sandbox.archiveChat(chatId),
    () => configure("update_bot", accessToken, { id: bot.id, name: "Pasta BOT" }),
    () => sandbox.setRoutingStatus(organization, bot.id, "offline"),
    () => configure("disable_license_webhooks", accessToken, {}),
    () => livechat.refresh(refreshToken),
    () => livechat.install(),
    () => sandbox.removeBotAgent(organization, bot.id),
    () => sandbox.expireAccessTokens(),
    () => sandbox.expireBotTokens(),
    () => sandbox.revokeAll(),
  ];
  for (const step of steps) {
    await step();
    expect(hasChanged(), step.toString()).toBe(true);
  }
});
