import { randomUUID } from "node:crypto";
import type { TokenBook } from "./tokens.ts";

export type BotSettings = {
  name: string;
  status: "accepting chats" | "not accepting chats" | "offline";
  webhooks: { url: string; secret_key: string; actions: { name: string }[] };
  avatar: string;
  max_chats_count: number;
  groups: { id: number; priority: string }[];
};

export type RegisteredBot = {
  id: string;
  licenseId: number;
  /** Names the registration in each delivery. */
  webhookId: string;
  settings: BotSettings;
  /** The access token that created or last updated the bot: without it the bot is logged out. */
  token: string;
};

/** A bot agent as a test looks at it. */
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
  /** The bot, when it belongs to that license. */
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

/** What a test sees of a bot. */
export function describeBot(bot: RegisteredBot, loggedIn: boolean): BotAgent {
  const { name, status, webhooks } = bot.settings;
  const actions = webhooks.actions.map((action) => action.name);
  return { id: bot.id, name, status, webhooks: { url: webhooks.url, actions }, loggedIn };
}
