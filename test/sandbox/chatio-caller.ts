import { onTestFinished } from "vitest";
import { z } from "zod";
import { type ChatioOptions, startChatioSandbox } from "../../src/sandbox/chatio/index.ts";
import { readTokens } from "./answers.ts";

export const redirectUri = "http://localhost:5000/token";
const client = { client_id: "client", client_secret: "client-secret" };

export const pizza = { name: "Pizza BOT", status: "not accepting chats" };
export const license = 1520;

/** A chat.io stand-in with one license, and what a client of it would send. */
export async function startChatio(overrides: Partial<ChatioOptions> = {}) {
  const options = { clientId: client.client_id, clientSecret: client.client_secret, redirectUri };
  const sandbox = await startChatioSandbox({ ...options, ...overrides });
  onTestFinished(sandbox.stop);
  sandbox.addLicense(license);

  const consent = (query: Record<string, string> = {}) => {
    const asked = {
      response_type: "code",
      client_id: "client",
      redirect_uri: redirectUri,
      state: "s",
      ...query,
    };
    return fetch(`${sandbox.accountsUrl}/?${new URLSearchParams(asked)}`, { redirect: "manual" });
  };
  const postToken = (fields: Record<string, string>) =>
    fetch(`${sandbox.accountsUrl}/token`, {
      method: "POST",
      body: new URLSearchParams({ ...client, ...fields }),
    });
  const exchange = (code: string, fields: Record<string, string> = {}) =>
    postToken({ grant_type: "authorization_code", code, redirect_uri: redirectUri, ...fields });
  const refresh = (refreshToken: string, fields: Record<string, string> = {}) =>
    postToken({ grant_type: "refresh_token", refresh_token: refreshToken, ...fields });
  const revoke = (token: string) =>
    fetch(`${sandbox.accountsUrl}/token?${new URLSearchParams({ token })}`, { method: "DELETE" });
  const info = (token: string) =>
    fetch(`${sandbox.accountsUrl}/info`, { headers: { authorization: `Bearer ${token}` } });

  const install = async (licenseId = license) => {
    const response = await exchange(sandbox.issueCode(licenseId));
    return readTokens(response);
  };
  const call = (path: string, token: string, body: unknown) =>
    fetch(`${sandbox.apiUrl}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const configure = (endpoint: string, token: string, body: unknown) =>
    call(`/configuration/v0.3/agents/${endpoint}`, token, body);
  const createBot = async (
    token: string,
    url: string,
    actions = ["incoming_event", "incoming_chat_thread"],
  ) => {
    const webhooks = { url, secret_key: "hook-secret", actions: actions.map((name) => ({ name })) };
    const response = await configure("create_bot_agent", token, { ...pizza, webhooks });
    return z.object({ bot_agent_id: z.string() }).parse(await response.json()).bot_agent_id;
  };
  const act = (action: string, token: string, authorId: string, payload: object) =>
    call(`/agent/v0.3/action/${action}`, token, { author_id: authorId, payload });
  const join = (token: string, botId: string, chatId: string) =>
    act("join_chat", token, botId, { chat_id: chatId, agent_ids: [botId] });
  const leave = (token: string, botId: string, chatId: string) =>
    act("remove_from_chat", token, botId, { chat_id: chatId, agent_ids: [botId] });
  const send = (token: string, botId: string, chatId: string, event: object) =>
    act("send_event", token, botId, { chat_id: chatId, event: { type: "message", ...event } });

  return {
    sandbox,
    consent,
    exchange,
    refresh,
    revoke,
    info,
    install,
    call,
    configure,
    createBot,
    act,
    join,
    leave,
    send,
  };
}

export type Chatio = Awaited<ReturnType<typeof startChatio>>;
