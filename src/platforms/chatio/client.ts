import { z } from "zod";
import { type CallReport, createHttp, type Http } from "../../http.ts";

const TIMEOUT_MS = 15_000;
const BOT_NAME = "Pizza BOT";

export type ChatioClientOptions = {
  clientId: string;
  clientSecret: string;
  /** The very same string as in the consent link. */
  redirectUri: string;
  accountsUrl: string;
  apiUrl: string;
  apiVersion: string;
  /** Where bot agents' webhooks go. */
  webhookUrl: string;
  /** Milliseconds that one call may take; 15 s unless told otherwise. */
  timeoutMs?: number | undefined;
  /** Told of every call once it has ended. */
  observe?: (call: CallReport) => void;
};

const SHORTEST_LIFETIME_MS = 60_000;
/** No token is said to last that long; whatever is, is not believed. */
export const LONGEST_LIFETIME_MS = 400 * 24 * 3_600_000;

const tokens = z
  .object({
    access_token: z.string().min(1),
    refresh_token: z.string().min(1),
    // Any number at all, 1e400 too: with the answer the refresh token is used up, so that the new one must be kept.
    expires_in: z.custom<number>((value) => typeof value === "number"),
  })
  .transform((answer) => ({
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresInMs: lifetimeMs(answer.expires_in),
  }));

function lifetimeMs(seconds: number): number {
  return Math.min(Math.max(Math.round(seconds * 1000), SHORTEST_LIFETIME_MS), LONGEST_LIFETIME_MS);
}

export type Tokens = z.infer<typeof tokens>;

/** Whoever acts in a chat: the bot, by a token of its license. */
export type Bot = { accessToken: string; botId: string };

/** Many calls answer with nothing, or nothing that matters: that they were answered well is enough. */
const nothing = z.unknown();

/** The calls that the Pizza BOT makes. Each throws PlatformError. */
export function createChatioClient(options: ChatioClientOptions) {
  const { timeoutMs = TIMEOUT_MS, observe } = options;
  const common = { platform: "chat.io", timeoutMs, observe };
  const accounts = createHttp({ ...common, baseUrl: options.accountsUrl, errorType: oauthErrorType });
  const api = createHttp({ ...common, baseUrl: options.apiUrl, errorType: apiErrorType, isRetryableType });
  return { ...accountsCalls(accounts, options), ...botAgentCalls(api, options), ...chatCalls(api, options) };
}

export type ChatioClient = ReturnType<typeof createChatioClient>;

function accountsCalls(http: Http, { clientId, clientSecret, redirectUri }: ChatioClientOptions) {
  const app = { client_id: clientId, client_secret: clientSecret };
  const token = (name: string, form: Record<string, string>): Promise<Tokens> =>
    http({ name, method: "POST", path: "/token", form: { ...form, ...app }, answer: tokens });
  return {
    /** Trades a code, which is good once, for tokens. */
    exchange: (code: string) =>
      token("exchange", { grant_type: "authorization_code", code, redirect_uri: redirectUri }),

    /** New tokens; the refresh token is used up by it. Type "invalid_grant": it is no longer good for anything. */
    refresh: (refreshToken: string) =>
      token("refresh", { grant_type: "refresh_token", refresh_token: refreshToken }),

    /** Which license the token is for. */
    info: (accessToken: string): Promise<{ license_id: number }> =>
      http({
        name: "info",
        method: "GET",
        path: "/info",
        token: accessToken,
        answer: z.object({ license_id: z.int().positive() }),
      }),

    /** Takes the token back, and the refresh token that came with it. */
    revoke: async (accessToken: string) => {
      await http({
        name: "revoke",
        method: "DELETE",
        path: "/token",
        query: { token: accessToken },
        answer: nothing,
      });
    },
  };
}

function botAgentCalls(http: Http, { apiVersion, webhookUrl }: ChatioClientOptions) {
  const call = <Shape extends z.ZodType>(name: string, token: string, json: object, answer: Shape) =>
    http({ name, method: "POST", path: `/configuration/${apiVersion}/agents/${name}`, token, json, answer });
  const description = (webhookSecret: string) => ({
    name: BOT_NAME,
    status: "not accepting chats",
    webhooks: {
      url: webhookUrl,
      secret_key: webhookSecret,
      actions: [{ name: "incoming_event" }, { name: "incoming_chat_thread" }],
    },
  });
  return {
    /** Makes a bot agent, tied to this token, and tells its id. */
    createBotAgent: async (accessToken: string, webhookSecret: string): Promise<string> => {
      const answer = z.object({ bot_agent_id: z.string().min(1) });
      const created = await call("create_bot_agent", accessToken, description(webhookSecret), answer);
      return created.bot_agent_id;
    },

    /** Brings the bot agent up to date and ties it to this token, without which it would be logged out. */
    updateBotAgent: async ({ accessToken, botId }: Bot, webhookSecret: string) => {
      await call("update_bot_agent", accessToken, { id: botId, ...description(webhookSecret) }, nothing);
    },

    /** The ids of this app's bot agents on the license that have the Pizza BOT's name. */
    findBotAgents: async (accessToken: string): Promise<string[]> => {
      const answer = z.object({ bot_agents: z.array(z.object({ id: z.string(), name: z.string() })) });
      const { bot_agents: all } = await call("get_bot_agents", accessToken, { all: false }, answer);
      return all.filter(({ name }) => name === BOT_NAME).map(({ id }) => id);
    },

    /** Where the bot agent sends its webhooks; null when it sends none. */
    getBotAgentWebhookUrl: async ({ accessToken, botId }: Bot): Promise<string | null> => {
      const webhooks = z.object({ url: z.string() }).nullish();
      const answer = z.object({ bot_agent: z.object({ webhooks }) });
      const details = await call("get_bot_agent_details", accessToken, { bot_agent_id: botId }, answer);
      return details.bot_agent.webhooks?.url ?? null;
    },

    removeBotAgent: async ({ accessToken, botId }: Bot) => {
      await call("remove_bot_agent", accessToken, { bot_agent_id: botId }, nothing);
    },
  };
}

function chatCalls(http: Http, { apiVersion }: ChatioClientOptions) {
  const act = async (action: string, { accessToken: token, botId }: Bot, payload: object) => {
    const path = `/agent/${apiVersion}/action/${action}`;
    await http({
      name: action,
      method: "POST",
      path,
      token,
      json: { author_id: botId, payload },
      answer: nothing,
    });
  };
  return {
    joinChat: (bot: Bot, chatId: string) =>
      act("join_chat", bot, { chat_id: chatId, agent_ids: [bot.botId] }),

    /** Not idempotent: repeated, the text stands in the chat twice. */
    sendToAgents: (bot: Bot, chatId: string, text: string) =>
      act("send_event", bot, { chat_id: chatId, event: { type: "message", text, recipients: "agents" } }),

    leaveChat: (bot: Bot, chatId: string) =>
      act("remove_from_chat", bot, { chat_id: chatId, agent_ids: [bot.botId] }),
  };
}

const oauthError = z.object({ error: z.string() }).transform(({ error }) => error);
const apiError = z.object({ error: z.object({ type: z.string() }) }).transform(({ error }) => error.type);

function oauthErrorType(body: unknown): string | null {
  return oauthError.safeParse(body).data ?? null;
}

function apiErrorType(body: unknown): string | null {
  return apiError.safeParse(body).data ?? null;
}

/** Which HTTP status goes with which type is not documented, so the known types decide before the status does. */
function isRetryableType(type: string): boolean | null {
  if (["internal", "request_timeout"].includes(type)) return true;
  const lasting = ["validation", "authorization", "authentication", "license_expired", "unsupported_version"];
  return lasting.includes(type) ? false : null;
}
