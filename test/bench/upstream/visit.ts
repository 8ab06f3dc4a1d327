import type { Installed } from "./facts.ts";

/** The calls of the bot's visit to a chat, in order, each with its body. */
export function visit({ botId }: Installed, chatId: string): { call: string; body: object }[] {
  const there = { author_id: botId, payload: { chat_id: chatId, agent_ids: [botId] } };
  const event = { type: "message", text: "Pizza is on the way!", recipients: "agents" };
  return [
    { call: "join_chat", body: there },
    { call: "send_event", body: { author_id: botId, payload: { chat_id: chatId, event } } },
    { call: "remove_from_chat", body: there },
  ];
}
