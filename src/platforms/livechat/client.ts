import { z } from "zod";
import { isFinal } from "../../errors.ts";
import { type CallGate, type CallReport, createHttp, type Http } from "../../http/http.ts";
import type { Audience, Reply } from "../../reactions/keywords.ts";
import { quotaOf } from "../keyword-bot/events.ts";
import type { Tokens } from "../keyword-bot/installation.ts";
import { tokenAnswer, tokensOf } from "../keyword-bot/token-answer.ts";
import { type CallApi, createApi } from "./api.ts";
import { readOauthRefusal } from "./refusals.ts";

const TIMEOUT_MS = 15_000;
const BOT_NAME = "Pizza BOT";
/** A renewal also sees to the bot token, which is good for 24 hours, so renewals are at most this far apart. */
const LONGEST_LIFETIME_MS = 12 * 3_600_000;

export type LivechatClientOptions = {
  clientId: string;
  clientSecret: string;
  /** The very same string as in the consent link. */
  redirectUri: string;
  accountsUrl: string;
  apiUrl: string;
  apiVersion: string;
  /** Milliseconds that one call may take; 15 s unless told otherwise. */
  timeoutMs?: number | undefined;
  /** What every call of an organization has to pass. */
  gate?: CallGate | undefined;
  /** Told of every call once it has ended. */
  observe?: (call: CallReport) => void;
  /** Given the headers of every answer of the API. */
  onHeaders?: (headers: Readonly<Record<string, unknown>>) => void;
};

/** What a call on behalf of an organization, which is LiveChat's account, needs. `region`: the one that it belongs to, if known. */
export type Access = { account: string; accessToken: string; region: string | null };

/** Whoever acts in a chat: the bot, by a token of its own. */
export type Bot = Access & { botId: string; botToken: string; botSecret: string };

/** The tokens, and the organization that they are for. */
export type OrganizationTokens = Tokens & { readonly account: string };

/** The calls that the Pizza BOT makes. Each throws PlatformError. */
export function createLivechatClient(options: LivechatClientOptions) {
  const { timeoutMs = TIMEOUT_MS, gate, observe } = options;
  const common = { platform: "LiveChat", timeoutMs, gate, observe };
  const accounts = createHttp({ ...common, baseUrl: options.accountsUrl, readRefusal: readOauthRefusal });
  const { call, regionOf } = createApi({ ...options, ...common });
  return {
    ...accountsCalls(accounts, options),
    ...configurationCalls(call, options),
    ...chatCalls(call),
    regionOf,
  };
}

export type LivechatClient = ReturnType<typeof createLivechatClient>;

/** UUIDs, as far as is known. */
const organizationId = z.string().regex(/^[\w-]{1,100}$/);

function renewedInTime(tokens: Tokens): Tokens {
  return { ...tokens, expiresInMs: Math.min(tokens.expiresInMs, LONGEST_LIFETIME_MS) };
}

function accountsCalls(http: Http, { clientId, clientSecret, redirectUri }: LivechatClientOptions) {
  const app = { client_id: clientId, client_secret: clientSecret };
  const post = { method: "POST", path: "/v2/token" } as const;
  return {
    /** Trades a code, which is good once, for tokens. `verifier`: the secret of PKCE; null: no challenge was sent. */
    exchange: async (code: string, verifier: string | null): Promise<OrganizationTokens> => {
      const granted = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...app };
      const answer = await http({
        ...post,
        name: "exchange",
        quota: null,
        form: verifier === null ? granted : { ...granted, code_verifier: verifier },
        answer: tokenAnswer.extend({ organization_id: organizationId }),
      });
      return { ...renewedInTime(tokensOf(answer)), account: answer.organization_id };
    },

    /** New tokens for the organization (null: for whomever the token belongs to). */
    refresh: async (account: string | null, refreshToken: string): Promise<Tokens> =>
      renewedInTime(
        await http({
          ...post,
          name: "refresh",
          quota: account === null ? null : quotaOf("livechat", account),
          form: { grant_type: "refresh_token", refresh_token: refreshToken, ...app },
          answer: tokenAnswer.transform(tokensOf),
        }),
      ),

    /** Takes the token back, and the refresh token that came with it. Held back by nothing: it only gives up rights. */
    revoke: async (accessToken: string): Promise<void> => {
      try {
        await http({
          name: "revoke",
          method: "DELETE",
          path: "/v2/token",
          quota: null,
          token: accessToken,
        });
      } catch (error) {
        // A token that is unknown there has been taken back already.
        if (!isFinal(error) || (error.status !== 401 && error.status !== 404)) throw error;
      }
    },
  };
}

type Group = { id: number; priority: "supervisor" };

/** A supervisor is in the group, but is assigned no chats by it. */
const supervising = (groups: readonly number[]): Group[] =>
  groups.map((id) => ({ id, priority: "supervisor" }));

function configurationCalls(call: CallApi, { clientId }: LivechatClientOptions) {
  const configure = (name: string, { account, region, accessToken }: Access, json: object) => ({
    ...{ account, region, authorization: `Bearer ${accessToken}` },
    name,
    path: `/configuration/action/${name}`,
    json,
  });
  return {
    /** This app's bots in the organization. `isPizzaBot`: it has that name; people may have changed it. */
    listBots: async (access: Access): Promise<{ id: string; isPizzaBot: boolean }[]> => {
      const answer = z.array(z.object({ id: z.string(), name: z.string().nullish() }));
      const all = await call({ ...configure("list_bots", access, { all: false }), answer });
      return all.map(({ id, name }) => ({ id, isPizzaBot: name === BOT_NAME }));
    },

    /** Makes a bot in these groups, off line at first. Its secret is told here only. */
    createBot: async (access: Access, groups: readonly number[]): Promise<{ id: string; secret: string }> => {
      const answer = z.object({ id: z.string().min(1), secret: z.string().min(1) });
      const json = {
        name: BOT_NAME,
        default_group_priority: "supervisor",
        groups: supervising(groups),
      };
      return call({ ...configure("create_bot", access, json), answer });
    },

    /** Puts the bot into these groups, all of them: whether others are kept is not documented. */
    setGroups: (access: Access, botId: string, groups: readonly number[]): Promise<void> =>
      call(configure("update_bot", access, { id: botId, groups: supervising(groups) })),

    /** Held back by nothing: an installation that fails of a rate limit must not leave its bot behind. */
    deleteBot: (access: Access, botId: string): Promise<void> =>
      call({ ...configure("delete_bot", access, { id: botId }), waits: false }),

    /** The groups that the bot is in. */
    getBotGroups: async (access: Access, botId: string): Promise<number[]> => {
      const answer = z.object({ groups: z.array(z.object({ id: z.number() })).nullish() });
      const json = { id: botId, fields: ["groups"] };
      const { groups } = await call({ ...configure("get_bot", access, json), answer });
      return (groups ?? []).map(({ id }) => id);
    },

    /** A new secret for the bot; the old one is no longer good. */
    resetBotSecret: async (access: Access, botId: string): Promise<string> => {
      const answer = z.object({ secret: z.string().min(1) });
      return (await call({ ...configure("reset_bot_secret", access, { id: botId }), answer })).secret;
    },

    /** A token by which the bot acts, good for 24 hours. */
    issueBotToken: async (access: Access, botId: string, botSecret: string): Promise<string> => {
      const answer = z.object({ token: z.string().min(1) });
      const json = {
        bot_id: botId,
        client_id: clientId,
        bot_secret: botSecret,
        organization_id: access.account,
      };
      return (await call({ ...configure("issue_bot_token", access, json), answer })).token;
    },

    /** The ids of all groups of the organization. */
    listGroups: async (access: Access): Promise<number[]> => {
      const answer = z.array(z.object({ id: z.number() }));
      return (await call({ ...configure("list_groups", access, {}), answer })).map(({ id }) => id);
    },

    /** Whether the organization sends webhooks at all. */
    areWebhooksEnabled: async (access: Access): Promise<boolean> => {
      const answer = z.object({ license_webhooks_enabled: z.boolean() });
      const state = await call({ ...configure("get_license_webhooks_state", access, {}), answer });
      return state.license_webhooks_enabled;
    },

    enableWebhooks: (access: Access): Promise<void> => call(configure("enable_license_webhooks", access, {})),

    /** Puts the bot on line, so that it can be added to chats, without any being assigned to it. */
    goOnline: ({ account, region, accessToken }: Access, botId: string): Promise<void> =>
      call({
        ...{ account, region, authorization: `Bearer ${accessToken}` },
        name: "set_routing_status",
        path: "/agent/action/set_routing_status",
        json: { status: "not_accepting_chats", agent_id: botId },
      }),
  };
}

const VISIBILITY = { agents: "agents", everyone: "all" } as const satisfies Record<Audience, string>;

function chatCalls(call: CallApi) {
  const act = (name: string, { account, region, botToken }: Bot, json: object): Promise<void> =>
    call({
      ...{ account, region, authorization: `Bearer ${botToken}` },
      name,
      path: `/agent/action/${name}`,
      json,
    });
  const membership = (chatId: string, botId: string) => ({
    chat_id: chatId,
    user_id: botId,
    user_type: "agent",
    ignore_requester_presence: true,
  });
  return {
    /** Whoever was added for the agents only cannot send to everyone. */
    joinChat: (bot: Bot, chatId: string, to: Audience) =>
      act("add_user_to_chat", bot, { ...membership(chatId, bot.botId), visibility: VISIBILITY[to] }),

    /** Not idempotent: repeated, the text appears twice in the chat. */
    sendMessage: (bot: Bot, chatId: string, { text, to }: Reply) =>
      act("send_event", bot, {
        chat_id: chatId,
        event: { type: "message", text, visibility: VISIBILITY[to] },
      }),

    leaveChat: (bot: Bot, chatId: string) => act("remove_user_from_chat", bot, membership(chatId, bot.botId)),
  };
}
