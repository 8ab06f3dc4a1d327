import { PlatformError } from "../../src/errors.ts";
import type { ChatioClient, ChatioClientOptions } from "../../src/platforms/chatio/client.ts";

/** How the Pizza BOT would be set up; nothing of it exists. */
export const chatioOptions: ChatioClientOptions & { allowedLicenses: string[] | null } = {
  clientId: "client-id-invented",
  clientSecret: "client-secret-invented",
  redirectUri: "https://bots.example/token",
  accountsUrl: "https://accounts.chat.io",
  apiUrl: "https://api.chat.io",
  apiVersion: "v0.3",
  webhookUrl: "https://bots.example/webhook",
  allowedLicenses: null,
};

/** A refusal as chat.io words it. */
export function refusedAs(type: string, status = 400): PlatformError {
  return new PlatformError(`chat.io answered with ${status}, ${type}.`, { status, type, retryable: false });
}

/** No answer: whether the call was carried out nobody knows. */
export function noAnswer(): PlatformError {
  return new PlatformError("chat.io did not answer (ECONNRESET).", { retryable: true });
}

/** A fault of chat.io's that passes. */
export function unavailable(call: string): PlatformError {
  return new PlatformError(`chat.io answered ${call} with 503.`, { status: 503, retryable: true });
}

export type FakeChatio = ChatioClient & {
  /** The calls made, in order, each with what matters of it, e.g. "join_chat chat-1 access-1". */
  calls: string[];
  /** Lets the next calls of that name end so; null lets one through. */
  next(name: keyof ChatioClient, ...ends: (Error | null)[]): void;
  /** From now on calls with this access token are refused as chat.io refuses an expired one. */
  expire(accessToken: string): void;
};

/** The calls to chat.io, without chat.io: all go well unless told otherwise. */
export function createFakeChatio({ account = "1520" } = {}): FakeChatio {
  const calls: string[] = [];
  const ends = new Map<string, (Error | null)[]>();
  const expired = new Set<string>();
  let handedOut = 0;

  async function call(name: keyof ChatioClient, line: string, accessToken?: string): Promise<void> {
    calls.push(line);
    await new Promise((resolve) => setImmediate(resolve));
    const end = ends.get(name)?.shift() ?? null;
    if (end !== null) throw end;
    if (accessToken !== undefined && expired.has(accessToken)) throw refusedAs("authentication", 401);
  }

  function newTokens() {
    handedOut += 1;
    return {
      accessToken: `access-new-${handedOut}`,
      refreshToken: `refresh-new-${handedOut}`,
      expiresInMs: 3_600_000,
    };
  }

  return {
    calls,
    next: (name, ...more) => void ends.set(name, [...(ends.get(name) ?? []), ...more]),
    expire: (accessToken) => void expired.add(accessToken),
    async exchange(code) {
      await call("exchange", `exchange ${code}`);
      return newTokens();
    },
    async refresh(_account, refreshToken) {
      await call("refresh", `refresh ${refreshToken}`);
      return newTokens();
    },
    async info(token) {
      await call("info", `info ${token}`, token);
      return { account };
    },
    revoke: (token) => call("revoke", `revoke ${token}`),
    async createBotAgent({ accessToken }, secret) {
      await call("createBotAgent", `create_bot_agent ${accessToken} ${secret}`, accessToken);
      return `bot-made-${handedOut}`;
    },
    updateBotAgent: ({ botId, accessToken }, secret) =>
      call("updateBotAgent", `update_bot_agent ${botId} ${accessToken} ${secret}`, accessToken),
    async findBotAgents({ accessToken }) {
      await call("findBotAgents", `get_bot_agents ${accessToken}`, accessToken);
      return ["bot-stray"];
    },
    async getBotAgentWebhookUrl({ botId, accessToken }) {
      await call("getBotAgentWebhookUrl", `get_bot_agent_details ${botId} ${accessToken}`, accessToken);
      return chatioOptions.webhookUrl;
    },
    removeBotAgent: ({ botId, accessToken }) =>
      call("removeBotAgent", `remove_bot_agent ${botId} ${accessToken}`, accessToken),
    joinChat: ({ accessToken }, chatId) =>
      call("joinChat", `join_chat ${chatId} ${accessToken}`, accessToken),
    sendToAgents: ({ accessToken }, chatId, text) =>
      call("sendToAgents", `send_event ${chatId} ${accessToken} ${text}`, accessToken),
    leaveChat: ({ accessToken }, chatId) =>
      call("leaveChat", `remove_from_chat ${chatId} ${accessToken}`, accessToken),
  };
}
