import { Router } from "express";
import { z } from "zod";
import type { Recipients } from "../chat-people.ts";
import type { Answer, Endpoint, Incoming } from "../endpoint.ts";
import { type Bot, type Bots, routingStatus } from "./bots.ts";
import type { Callers } from "./callers.ts";
import { appendEvent, type Chat, type Chats, type NewEvent } from "./chats.ts";
import type { Announce } from "./deliveries.ts";
import type { Organization } from "./organizations.ts";
import type { Undocumented } from "./undocumented.ts";
import { apiRefusal, parseBody } from "./wire.ts";

/** The most bytes of a text, in UTF-8. */
const TEXT_BYTES = 16 * 1024;

const recipients = z.enum(["all", "agents"]);
const membership = {
  chat_id: z.string(),
  user_id: z.string(),
  user_type: z.literal("agent"),
  ignore_requester_presence: z.boolean().default(false),
};
const addBody = z.strictObject({ ...membership, visibility: recipients });
const removeBody = z.strictObject(membership);
const sendBody = z.strictObject({
  chat_id: z.string(),
  event: z.strictObject({
    type: z.literal("message"),
    text: z
      .string()
      .min(1)
      .refine((text) => Buffer.byteLength(text) <= TEXT_BYTES, { error: "text is too long" }),
    visibility: recipients.default("all"),
    custom_id: z.string().optional(),
  }),
});
const statusBody = z.strictObject({ status: routingStatus, agent_id: z.string().optional() });

/** The agent chat API, by which bots join chats, write, leave, and set their routing status. */
export function createAgentApi(context: {
  bots: Bots;
  chats: Chats;
  callers: Callers;
  announce: Announce;
  undocumented: Undocumented;
  endpoint: Endpoint;
}): Router {
  const { bots, chats, callers, announce, undocumented, endpoint } = context;

  function add(incoming: Incoming): Answer {
    const { organization, bot } = callers.bot(incoming, "chats--access:rw");
    const { chat_id, user_id, visibility, ignore_requester_presence } = parseBody(incoming, addBody);
    const chat = openActiveChat(organization, chat_id);
    if (!ignore_requester_presence) requirePresence(chat, bot);
    const user = openAgent(organization, user_id);
    requireAccess(chat, bot);
    if (user.bot) requireAccess(chat, user.bot);
    // Not documented; assumed: an agent who is offline cannot be added, but may still write and be removed.
    if (user.bot?.status === "offline") throw apiRefusal("agent_offline", "Agent is offline");
    if (chat.members.has(user.id)) {
      if (undocumented.addedTwice === "accepted") return { status: 200, json: {} };
      throw apiRefusal("validation", "User is already in the chat");
    }
    requireRoom(chat, visibility);
    chat.members.set(user.id, visibility);
    writeAsSystem(chat, `${user.name} joined the chat`, visibility);
    return { status: 200, json: {} };
  }

  function remove(incoming: Incoming): Answer {
    const { organization, bot } = callers.bot(incoming, "chats--access:rw");
    const { chat_id, user_id, ignore_requester_presence } = parseBody(incoming, removeBody);
    // Not documented; assumed: nobody can be removed from an inactive chat; everybody left when it ended.
    const chat = openActiveChat(organization, chat_id);
    const visibility = chat.members.get(user_id);
    if (visibility === undefined) throw apiRefusal(undocumented.removedTwice, "User is not in the chat");
    if (!ignore_requester_presence) requirePresence(chat, bot);
    chat.members.delete(user_id);
    const { name } = openAgent(organization, user_id);
    writeAsSystem(chat, `${name} left the chat`, visibility);
    return { status: 200 };
  }

  function send(incoming: Incoming): Answer {
    const { organization, bot } = callers.bot(incoming, "chats--access:rw");
    const { chat_id, event } = parseBody(incoming, sendBody);
    const chat = openActiveChat(organization, chat_id);
    const visibility = requirePresence(chat, bot);
    // Not documented; assumed: the type of this refusal.
    if (visibility === "agents" && event.visibility === "all") {
      throw apiRefusal("authorization", "Who was added for agents cannot send to all");
    }
    const written = write(chat, {
      type: "message",
      text: event.text,
      recipients: event.visibility,
      customId: event.custom_id,
      authorId: bot.id,
      authorName: bot.settings.name,
      source: "my_client",
    });
    // Not documented; assumed: some calls are answered 202, as any 2xx is success.
    return { status: 202, json: { event_id: written.id } };
  }

  function setStatus(incoming: Incoming): Answer {
    const { organization, bot: requester } = callers.botOrApp(incoming, "agents-bot--my:rw");
    const { status, agent_id } = parseBody(incoming, statusBody);
    if (agent_id === undefined && requester === undefined) {
      throw apiRefusal("authorization", "Missing scope `agents--my:rw`");
    }
    const bot = agent_id === undefined ? requester : bots.find(organization.id, agent_id);
    if (bot === undefined) throw apiRefusal("not_found", `no bot ${agent_id}`);
    bots.setStatus(bot, status);
    return { status: 202, json: {} };
  }

  function openActiveChat(organization: Organization, chatId: string): Chat {
    const chat = chats.find(chatId);
    if (chat?.organizationId !== organization.id) throw apiRefusal("not_found", `no chat ${chatId}`);
    if (!chat.isActive) throw apiRefusal("chat_inactive", "Chat not active");
    return chat;
  }

  function openAgent({ id: organizationId, email }: Organization, userId: string) {
    const bot = bots.find(organizationId, userId);
    if (bot) return { id: userId, name: bot.settings.name, bot };
    if (userId === email) return { id: userId, name: "agent" };
    throw apiRefusal("not_found", `no agent ${userId}`);
  }

  // Not documented; assumed: the type of this refusal.
  function requireRoom(chat: Chat, visibility: Recipients): void {
    const hasPublicAgent = [...chat.members.values()].includes("all");
    if (visibility === "all" && hasPublicAgent && undocumented.secondPublicAgent === "refused") {
      throw apiRefusal("limit_reached", "Public agents in chat limit reached");
    }
  }

  // Not documented; assumed: joins and leaves of an agent added with visibility agents are for agents only.
  function writeAsSystem(chat: Chat, text: string, recipients: Recipients) {
    write(chat, { type: "system_message", authorName: "system", text, recipients, source: "system" });
  }

  function write(chat: Chat, event: NewEvent) {
    const written = appendEvent(chat, event);
    void announce(chat, written);
    return written;
  }

  const works = Object.entries({
    add_user_to_chat: add,
    remove_user_from_chat: remove,
    send_event: send,
    set_routing_status: setStatus,
  });
  const router = Router();
  for (const [name, work] of works) router.post(`/:version/agent/action/${name}`, endpoint(name, work));
  return router;
}

/** Throws a refusal unless the bot is in the chat. Not documented; assumed: its type. */
function requirePresence({ members }: Chat, { id }: Bot): Recipients {
  const visibility = members.get(id);
  if (visibility === undefined) throw apiRefusal("authorization", "Requester is not user of the chat");
  return visibility;
}

// Not documented; assumed: group 0 is a group like the others, although elsewhere it stands for everybody.
function requireAccess({ groupId }: Chat, { settings }: Bot): void {
  const isInGroup = settings.groups.some(({ id }) => id === groupId);
  if (!isInGroup) throw apiRefusal("missing_access", "No access to the chat");
}
