import { randomBytes } from "node:crypto";
import { Router } from "express";
import { z } from "zod";
import type { Answer, Endpoint, Incoming } from "../endpoint.ts";
import { type Callers, requireService } from "./callers.ts";
import type { Organization } from "./organizations.ts";
import type { TokenBook } from "./tokens.ts";
import { apiRefusal, parseBody } from "./wire.ts";

const priority = z.enum(["first", "normal", "last", "supervisor"]);
export const routingStatus = z.enum(["accepting_chats", "not_accepting_chats", "offline"]);

export type RoutingStatus = z.infer<typeof routingStatus>;
export type BotGroup = { id: number; priority: z.infer<typeof priority> };

export type BotSettings = {
  name: string;
  default_group_priority: BotGroup["priority"];
  groups: BotGroup[];
  max_chats_count: number;
  avatar: string;
  job_title: string;
  type: string;
};

export type Bot = {
  id: string;
  organizationId: string;
  secret: string;
  settings: BotSettings;
  status: RoutingStatus;
};

/** The bots of all organizations. */
export type Bots = {
  create(organizationId: string, settings: BotSettings): Bot;
  update(bot: Bot, changes: Partial<BotSettings>): void;
  remove(bot: Bot): void;
  resetSecret(bot: Bot): string;
  setStatus(bot: Bot, status: RoutingStatus): void;
  /** The bot, if it belongs to that organization. */
  find(organizationId: string, botId: string): Bot | undefined;
  list(organizationId: string): Bot[];
};

export function createBots(onChange: () => void): Bots {
  const bots = new Map<string, Bot>();
  return {
    create(organizationId, settings) {
      const bot: Bot = { id: hex(), organizationId, secret: hex(), settings, status: "offline" };
      bots.set(bot.id, bot);
      onChange();
      return bot;
    },
    update(bot, changes) {
      bot.settings = { ...bot.settings, ...changes };
      onChange();
    },
    remove(bot) {
      bots.delete(bot.id);
      onChange();
    },
    resetSecret(bot) {
      bot.secret = hex();
      return bot.secret;
    },
    setStatus(bot, status) {
      bot.status = status;
      onChange();
    },
    find(organizationId, botId) {
      const bot = bots.get(botId);
      return bot?.organizationId === organizationId ? bot : undefined;
    },
    list: (organizationId) => [...bots.values()].filter((bot) => bot.organizationId === organizationId),
  };
}

const name = z.string().min(1);
const maxChatsCount = z.int().min(0).max(500);
const groups = z.array(z.strictObject({ id: z.int(), priority }));
const id = z.string();
// Bots have no schedule and no time zone here: the documented fields for them are refused.
const optionalFields = z.array(z.enum(["groups", "job_title", "max_chats_count"]));

// Not documented; assumed: a bot whose groups are not given is in none.
const createBody = z.strictObject({
  name,
  default_group_priority: priority.default("normal"),
  groups: groups.default([]),
  max_chats_count: maxChatsCount.default(6),
  avatar: z.string().default(""),
  job_title: z.string().default(""),
  type: z.string().default("chatbot"),
});
const updateBody = z.strictObject({
  id,
  name: name.exactOptional(),
  default_group_priority: priority.exactOptional(),
  groups: groups.exactOptional(),
  max_chats_count: maxChatsCount.exactOptional(),
  avatar: z.string().exactOptional(),
  job_title: z.string().exactOptional(),
  type: z.string().exactOptional(),
});
const idBody = z.strictObject({ id });
const getBody = z.strictObject({ id, fields: optionalFields.default([]) });
const listBody = z.strictObject({ all: z.boolean().default(false), fields: optionalFields.default([]) });
const tokenBody = z.strictObject({
  bot_id: id,
  client_id: z.string(),
  bot_secret: z.string(),
  organization_id: z.string(),
});

/** The part of the Configuration API by which bots are created, changed, read and removed, and get their tokens. */
export function createBotsApi(context: {
  clientId: string;
  findOrganization(organizationId: string): Organization | undefined;
  tokens: TokenBook;
  bots: Bots;
  callers: Callers;
  /** Also removes the bot from its chats. */
  removeBot(bot: Bot): void;
  endpoint: Endpoint;
}): Router {
  const { clientId, tokens, bots, callers, endpoint } = context;

  function openBot(organization: Organization, botId: string): Bot {
    const bot = bots.find(organization.id, botId);
    if (bot === undefined) throw apiRefusal("not_found", `no bot ${botId}`);
    return bot;
  }

  function create(incoming: Incoming): Answer {
    const organization = callers.app(incoming, "agents-bot--my:rw");
    const settings = parseBody(incoming, createBody);
    requireGroups(organization, settings.groups);
    const { id, secret } = bots.create(organization.id, settings);
    return { status: 200, json: { id, secret } };
  }

  // Not documented; assumed: `groups` replaces the list.
  function update(incoming: Incoming): Answer {
    const organization = callers.app(incoming, "agents-bot--my:rw");
    const { id, ...changes } = parseBody(incoming, updateBody);
    const bot = openBot(organization, id);
    requireGroups(organization, changes.groups ?? []);
    bots.update(bot, changes);
    return { status: 200, json: {} };
  }

  function remove(incoming: Incoming): Answer {
    const organization = callers.app(incoming, "agents-bot--my:rw");
    context.removeBot(openBot(organization, parseBody(incoming, idBody).id));
    return { status: 200 };
  }

  function list(incoming: Incoming): Answer {
    const organization = callers.app(incoming, "agents-bot--my:ro");
    const { all, fields } = parseBody(incoming, listBody);
    if (all) callers.app(incoming, "agents-bot--all:ro");
    const found = bots.list(organization.id).map((bot) => ({ ...describe(bot), ...chosen(bot, fields) }));
    return { status: 200, json: found };
  }

  function get(incoming: Incoming): Answer {
    const organization = callers.app(incoming, "agents-bot--my:ro");
    const { id, fields } = parseBody(incoming, getBody);
    const bot = openBot(organization, id);
    const { default_group_priority, max_chats_count } = bot.settings;
    const details = { default_group_priority, owner_client_id: clientId, max_chats_count };
    return { status: 200, json: { ...describe(bot), ...details, ...chosen(bot, fields) } };
  }

  function resetSecret(incoming: Incoming): Answer {
    const organization = callers.app(incoming, "agents-bot--my:rw");
    const bot = openBot(organization, parseBody(incoming, idBody).id);
    return { status: 200, json: { secret: bots.resetSecret(bot) } };
  }

  // Not documented; assumed: a wrong secret or client is refused as `authentication`; older tokens stay valid.
  function issueToken(incoming: Incoming): Answer {
    callers.anybody(incoming);
    const body = parseBody(incoming, tokenBody);
    const organization = context.findOrganization(body.organization_id);
    if (organization === undefined) throw apiRefusal("not_found", "no such organization");
    requireService(incoming, organization);
    const bot = openBot(organization, body.bot_id);
    if (body.client_id !== clientId || body.bot_secret !== bot.secret) {
      throw apiRefusal("authentication", "wrong client id or bot secret");
    }
    return { status: 200, json: { token: tokens.issueBotToken(organization.id, bot.id).token } };
  }

  const works = Object.entries({
    create_bot: create,
    update_bot: update,
    delete_bot: remove,
    list_bots: list,
    get_bot: get,
    reset_bot_secret: resetSecret,
    issue_bot_token: issueToken,
  });
  const router = Router();
  for (const [name, work] of works) {
    router.post(`/:version/configuration/action/${name}`, endpoint(name, work));
  }
  return router;
}

function requireGroups(organization: Organization, groups: BotGroup[]): void {
  for (const { id } of groups) {
    const isKnown = organization.groups.some((group) => group.id === id);
    if (!isKnown) throw apiRefusal("group_not_found", `no group ${id}`);
  }
}

function describe({ id, settings }: Bot) {
  return { id, name: settings.name, avatar_path: settings.avatar };
}

/** The optional fields that were asked for. */
function chosen({ settings }: Bot, fields: z.infer<typeof optionalFields>) {
  return Object.fromEntries(fields.map((field) => [field, settings[field]]));
}

function hex(): string {
  return randomBytes(16).toString("hex");
}
