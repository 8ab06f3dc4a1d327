import { Router } from "express";
import { z } from "zod";
import type { Answer } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Incoming } from "../incoming.ts";
import { authenticate, parseBody } from "./api-call.ts";
import type { BotAgents, RegisteredBot } from "./bot-agents.ts";
import { apiRefusal } from "./errors.ts";
import type { Access, TokenBook } from "./tokens.ts";

type ConfigurationContext = {
  clientId: string;
  apiVersion: string;
  tokens: TokenBook;
  bots: BotAgents;
  /** Removes a bot, from its chats too. */
  removeBot(bot: RegisteredBot): void;
  endpoint: Endpoint;
};

// Filters are documented by name only. A stand-in that took them and delivered regardless would lie, so it refuses them.
const webhooks = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  secret_key: z.string().min(1),
  actions: z.array(z.strictObject({ name: z.string().min(1) })),
});
const name = z.string().min(1);
const status = z.enum(["accepting chats", "not accepting chats", "offline"]);
const avatar = z.string();
const maxChats = z.int().positive();
const groups = z.array(z.strictObject({ id: z.int(), priority: z.string() }));

const createBody = z.strictObject({
  name,
  status,
  webhooks,
  avatar: avatar.default(""),
  max_chats_count: maxChats.default(6),
  groups: groups.default([]),
});
const updateBody = z.strictObject({
  id: z.string(),
  name: name.exactOptional(),
  status: status.exactOptional(),
  webhooks: webhooks.exactOptional(),
  avatar: avatar.exactOptional(),
  max_chats_count: maxChats.exactOptional(),
  groups: groups.exactOptional(),
});
const botBody = z.strictObject({ bot_agent_id: z.string() });
const listBody = z.strictObject({ all: z.boolean().optional() });

/** The configuration API: bot agents come, change and go. */
export function createConfiguration(context: ConfigurationContext): Router {
  const { apiVersion, tokens, bots, endpoint } = context;

  function findBot(access: Access, id: string): RegisteredBot {
    const bot = bots.find(access.licenseId, id);
    if (bot === undefined) throw apiRefusal("validation", `no bot agent ${id}`);
    return bot;
  }

  function create(access: Access, incoming: Incoming): Answer {
    const bot = bots.create(access.licenseId, access.token, parseBody(incoming, createBody));
    return { status: 200, json: { bot_agent_id: bot.id } };
  }

  function update(access: Access, incoming: Incoming): Answer {
    const { id, ...changes } = parseBody(incoming, updateBody);
    bots.update(findBot(access, id), access.token, changes);
    return { status: 200, json: {} };
  }

  function remove(access: Access, incoming: Incoming): Answer {
    context.removeBot(findBot(access, parseBody(incoming, botBody).bot_agent_id));
    return { status: 200, json: {} };
  }

  function list(access: Access, incoming: Incoming): Answer {
    parseBody(incoming, listBody);
    const found = bots.list(access.licenseId).map(({ id, settings }) => {
      return { id, name: settings.name, avatar: settings.avatar, status: settings.status };
    });
    return { status: 200, json: { bot_agents: found } };
  }

  function details(access: Access, incoming: Incoming): Answer {
    const { id, settings } = findBot(access, parseBody(incoming, botBody).bot_agent_id);
    const { name, status, groups } = settings;
    const application = { client_id: context.clientId };
    const found = { id, name, status, application, groups, webhooks: settings.webhooks };
    return { status: 200, json: { bot_agent: found } };
  }

  const works = Object.entries({
    create_bot_agent: create,
    update_bot_agent: update,
    remove_bot_agent: remove,
    get_bot_agents: list,
    get_bot_agent_details: details,
  });
  const router = Router();
  for (const [name, work] of works) {
    const authenticated = (incoming: Incoming) => work(authenticate(incoming, apiVersion, tokens), incoming);
    router.post(`/configuration/:version/agents/${name}`, endpoint(name, authenticated));
  }
  return router;
}
