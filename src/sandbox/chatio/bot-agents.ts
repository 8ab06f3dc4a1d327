import { randomUUID } from "node:crypto";
import { Router } from "express";
import { z } from "zod";
import type { Answer, Endpoint, Incoming } from "../endpoint.ts";
import type { Access, TokenBook } from "./tokens.ts";
import { apiRefusal, authenticate, parseBody } from "./wire.ts";

export type BotSettings = {
  name: string;
  status: "accepting chats" | "not accepting chats" | "offline";
  webhooks: { url: string; secret_key: string; actions: { name: string }[] };
};

export type RegisteredBot = {
  id: string;
  licenseId: number;
  /** Identifies the registration in each delivery. */
  webhookId: string;
  settings: BotSettings;
  /** The access token that created or last updated the bot. Once it is invalid, the bot is logged out. */
  token: string;
};

/** A bot agent, as a test sees it. */
export type BotAgent = {
  id: string;
  name: string;
  status: string;
  webhooks: { url: string; actions: string[] };
  loggedIn: boolean;
};

export type BotAgents = {
  create(licenseId: number, token: string, settings: BotSettings): RegisteredBot;
  update(bot: RegisteredBot, token: string, changes: Partial<BotSettings>): void;
  remove(botId: string): void;
  /** The bot, if it belongs to that license. */
  find(licenseId: number, botId: string): RegisteredBot | undefined;
  list(licenseId: number): RegisteredBot[];
  isLoggedIn(bot: RegisteredBot): boolean;
};

export function createBotAgents(tokens: TokenBook, onChange: () => void): BotAgents {
  const bots = new Map<string, RegisteredBot>();
  return {
    create(licenseId, token, settings) {
      const bot = { id: randomUUID(), licenseId, webhookId: randomUUID(), settings, token };
      bots.set(bot.id, bot);
      onChange();
      return bot;
    },
    update(bot, token, changes) {
      bot.settings = { ...bot.settings, ...changes };
      bot.token = token;
      onChange();
    },
    remove(botId) {
      bots.delete(botId);
      onChange();
    },
    find(licenseId, botId) {
      const bot = bots.get(botId);
      return bot?.licenseId === licenseId ? bot : undefined;
    },
    list: (licenseId) => [...bots.values()].filter((bot) => bot.licenseId === licenseId),
    isLoggedIn: (bot) => bots.has(bot.id) && tokens.findAccess(bot.token) !== undefined,
  };
}

export function describeBot(bot: RegisteredBot, loggedIn: boolean): BotAgent {
  const { name, status, webhooks } = bot.settings;
  const actions = webhooks.actions.map((action) => action.name);
  return { id: bot.id, name, status, webhooks: { url: webhooks.url, actions }, loggedIn };
}

type ConfigurationContext = {
  clientId: string;
  tokens: TokenBook;
  bots: BotAgents;
  /** Also removes the bot from its chats. */
  removeBot(bot: RegisteredBot): void;
  endpoint: Endpoint;
};

// The optional fields that our bot does not send are left out, and so refused. Of filters only the names are documented:
// accepting them and delivering regardless would be a lie.
const webhooks = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  secret_key: z.string().min(1),
  actions: z.array(z.strictObject({ name: z.string().min(1) })),
});
const name = z.string().min(1);
const status = z.enum(["accepting chats", "not accepting chats", "offline"]);

const createBody = z.strictObject({ name, status, webhooks });
const updateBody = z.strictObject({
  id: z.string(),
  name: name.exactOptional(),
  status: status.exactOptional(),
  webhooks: webhooks.exactOptional(),
});
const botBody = z.strictObject({ bot_agent_id: z.string() });
const listBody = z.strictObject({ all: z.boolean().optional() });

/** The configuration API, by which bot agents are created, changed, read and removed. */
export function createConfiguration(context: ConfigurationContext): Router {
  const { tokens, bots, endpoint } = context;

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
      return { id, name: settings.name, avatar: "", status: settings.status };
    });
    return { status: 200, json: { bot_agents: found } };
  }

  function details(access: Access, incoming: Incoming): Answer {
    const { id, settings } = findBot(access, parseBody(incoming, botBody).bot_agent_id);
    const application = { client_id: context.clientId };
    return { status: 200, json: { bot_agent: { id, ...settings, application, groups: [] } } };
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
    const authenticated = (incoming: Incoming) => work(authenticate(incoming, tokens), incoming);
    router.post(`/configuration/:version/agents/${name}`, endpoint(name, authenticated));
  }
  return router;
}
