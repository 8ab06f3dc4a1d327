import type { Installed, InstalledOrganization } from "./facts.ts";

export type VisitCall = { call: string; body: object };

/** The calls of the bot's visit to a chat at chat.io, in order, each with its body. */
export function visit({ botId }: Installed, chatId: string): VisitCall[] {
  const there = { author_id: botId, payload: { chat_id: chatId, agent_ids: [botId] } };
  const event = { type: "message", text: "Pizza is on the way!", recipients: "agents" };
  return [
    { call: "join_chat", body: there },
    { call: "send_event", body: { author_id: botId, payload: { chat_id: chatId, event } } },
    { call: "remove_from_chat", body: there },
  ];
}

/** The same at LiveChat. */
export function livechatVisit({ botId }: InstalledOrganization, chatId: string): VisitCall[] {
  const membership = {
    chat_id: chatId,
    user_id: botId,
    user_type: "agent",
    ignore_requester_presence: true,
  };
  const event = { type: "message", text: "Pizza is on the way!", visibility: "agents" };
  return [
    { call: "add_user_to_chat", body: { ...membership, visibility: "agents" } },
    { call: "send_event", body: { chat_id: chatId, event } },
    { call: "remove_user_from_chat", body: membership },
  ];
}
