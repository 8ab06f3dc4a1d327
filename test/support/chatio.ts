import { setImmediate as nextTurn } from "node:timers/promises";
import { onTestFinished } from "vitest";
import {
  type ChatioClient,
  type ChatioClientOptions,
  createChatioClient,
} from "../../src/platforms/chatio/client.ts";
import type { ChatioCredentials } from "../../src/platforms/chatio/installation.ts";
import type { Tokens } from "../../src/platforms/keyword-bot/installation.ts";
import type { Reaction } from "../../src/reactions/keywords.ts";
import { type ChatioSandbox, startChatioSandbox } from "../../src/sandbox/chatio/index.ts";
import type { Fault } from "../../src/sandbox/faults.ts";
import { reactToPizza } from "./reactions.ts";

type Options = ChatioClientOptions & { allowedLicenses: string[] | null; reaction: Reaction };

/** How the Pizza BOT would be set up; nothing of it exists. */
export const chatioOptions: Options = {
  clientId: "client-id-invented",
  clientSecret: "client-secret-invented",
  redirectUri: "https://bots.example/token",
  accountsUrl: "https://accounts.chat.io",
  apiUrl: "https://api.chat.io",
  apiVersion: "v0.3",
  webhookUrl: "https://bots.example/webhook",
  allowedLicenses: null,
  reaction: reactToPizza,
};

/** What becomes of one call. */
export type End = Pick<Fault, "kind" | "status" | "type" | "retryAfter">;

/** A refusal of chat.io's own. */
export const refusedAs = (type: string, status = 400): End => ({ kind: "refused", type, status });
/** The connection breaks before the call is carried out; nobody can tell. */
export const NO_ANSWER: End = { kind: "reset" };
/** The call is carried out, and its answer gets lost. */
export const ANSWER_LOST: End = { kind: "lost-answer" };
export const UNAVAILABLE: End = { kind: "status-503" };

/** What the caller is told of such an end, as far as it can be compared. */
export function errorOf({ kind, status, type }: End): object {
  if (kind === "refused") return { status, type };
  return kind === "gateway" ? { status, type: null } : { status: null, retryable: true };
}

/** The name that the stand-in has for each call. */
export const CHATIO_CALLS: Readonly<Record<keyof ChatioClient, string>> = {
  exchange: "exchange",
  refresh: "refresh",
  info: "info",
  revoke: "revoke",
  createBotAgent: "create_bot_agent",
  updateBotAgent: "update_bot_agent",
  findBotAgents: "get_bot_agents",
  getBotAgentWebhookUrl: "get_bot_agent_details",
  removeBotAgent: "remove_bot_agent",
  joinChat: "join_chat",
  sendMessage: "send_event",
  leaveChat: "remove_from_chat",
};

/** A client of the stand-in that writes down its calls, with a name for each token and bot agent. */
export type WatchedChatio = ChatioClient & {
  /** In order, each with what matters of it, e.g. "join_chat access-1". */
  calls: string[];
  sandbox: ChatioSandbox;
  /** Lets the next calls of that name end so; null lets one through. */
  next(name: keyof ChatioClient, ...ends: (End | null)[]): void;
  /** Does something after the platform has settled the next call of that name, before its caller knows. */
  meanwhile(name: keyof ChatioClient, work: () => Promise<unknown>): void;
  /** From now on all access tokens there are now are refused. */
  expire(): void;
  /** An installation made by somebody else: its tokens and bot agent are called "access-<name>", "bot-<name>" and so on. */
  install(
    name: string,
    webhookSecret?: string,
    webhookUrl?: string,
  ): Promise<{ botId: string; credentials: ChatioCredentials }>;
  /** A new code from the consent page. */
  code(): string;
  /** The name of a token or bot agent; whatever else it is, as it is. */
  nameOf(value: string): string;
  /** Resolves once no call is under way and what follows from the last one is done. */
  idle(): Promise<void>;
};

/** Starts a stand-in of chat.io with license 1520, stopped when the test is finished. */
export async function startChatio(): Promise<WatchedChatio> {
  const sandbox = await startChatioSandbox({ ...chatioOptions, tokenLifetimeS: 3600 });
  onTestFinished(sandbox.stop);
  sandbox.addLicense(1520);
  const options = { ...chatioOptions, accountsUrl: sandbox.accountsUrl, apiUrl: sandbox.apiUrl };
  const real = createChatioClient(options);
  const calls: string[] = [];
  const ends = new Map<string, (End | null)[]>();
  const works = new Map<string, (() => Promise<unknown>)[]>();
  const names = new Map<string, string>();
  let handedOut = 0;
  let made = 0;
  let underWay = 0;

  const nameOf = (value: string) => names.get(value) ?? value;

  async function call<T>(name: keyof ChatioClient, details: string[], work: () => Promise<T>): Promise<T> {
    const endpoint = CHATIO_CALLS[name];
    calls.push([endpoint, ...details.map(nameOf)].join(" "));
    const end = ends.get(name)?.shift();
    if (end) sandbox.faults.inject({ ...end, endpoint, times: 1 });
    underWay += 1;
    try {
      return await work();
    } finally {
      await works.get(name)?.shift()?.();
      underWay -= 1;
    }
  }

  function named(tokens: Tokens): Tokens {
    handedOut += 1;
    names
      .set(tokens.accessToken, `access-new-${handedOut}`)
      .set(tokens.refreshToken, `refresh-new-${handedOut}`);
    return tokens;
  }

  return {
    calls,
    sandbox,
    nameOf,
    next: (name, ...more) => void ends.set(name, [...(ends.get(name) ?? []), ...more]),
    meanwhile: (name, work) => void works.set(name, [...(works.get(name) ?? []), work]),
    expire: () => sandbox.expireAccessTokens(),
    code: () => sandbox.issueCode(),
    async install(name, webhookSecret = `webhook-secret-${name}`, webhookUrl = chatioOptions.webhookUrl) {
      const theirs = createChatioClient({ ...options, webhookUrl });
      const { accessToken, refreshToken } = await theirs.exchange(sandbox.issueCode());
      const botId = await theirs.createBotAgent({ account: "1520", accessToken }, webhookSecret);
      names.set(accessToken, `access-${name}`).set(refreshToken, `refresh-${name}`).set(botId, `bot-${name}`);
      return { botId, credentials: { accessToken, refreshToken, webhookSecret } };
    },
    async idle() {
      for (let calm = 0; calm < 20; calm += 1) {
        await nextTurn();
        if (underWay > 0) calm = 0;
      }
    },
    exchange: async (code) => named(await call("exchange", [], () => real.exchange(code))),
    refresh: async (account, token) =>
      named(await call("refresh", [token], () => real.refresh(account, token))),
    info: (token) => call("info", [token], () => real.info(token)),
    revoke: (token) => call("revoke", [token], () => real.revoke(token)),
    async createBotAgent(access, secret) {
      const create = () => real.createBotAgent(access, secret);
      const botId = await call("createBotAgent", [access.accessToken, secret], create);
      made += 1;
      names.set(botId, `bot-made-${made}`);
      return botId;
    },
    updateBotAgent: (bot, secret) =>
      call("updateBotAgent", [bot.botId, bot.accessToken, secret], () => real.updateBotAgent(bot, secret)),
    findBotAgents: (access) => call("findBotAgents", [access.accessToken], () => real.findBotAgents(access)),
    getBotAgentWebhookUrl: (bot) =>
      call("getBotAgentWebhookUrl", [bot.botId, bot.accessToken], () => real.getBotAgentWebhookUrl(bot)),
    removeBotAgent: (bot) =>
      call("removeBotAgent", [bot.botId, bot.accessToken], () => real.removeBotAgent(bot)),
    joinChat: (bot, chatId) => call("joinChat", [bot.accessToken], () => real.joinChat(bot, chatId)),
    sendMessage: (bot, chatId, reply) =>
      call("sendMessage", [bot.accessToken], () => real.sendMessage(bot, chatId, reply)),
    leaveChat: (bot, chatId) => call("leaveChat", [bot.accessToken], () => real.leaveChat(bot, chatId)),
  };
}
