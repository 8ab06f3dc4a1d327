import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { type LivechatOptions, startLivechatSandbox } from "../../src/sandbox/livechat/index.ts";
import type { NewWebhook } from "../../src/sandbox/livechat/webhooks.ts";
import { readTokens } from "./answers.ts";
import { startReceiver } from "./receiver.ts";

export const redirectUri = "http://localhost:5000/livechat/token";
export const organization = "0c9e4f52-dddd-4eee-8fff-000000000002";
export const otherOrganization = "0c9e4f52-dddd-4eee-8fff-000000000003";
export const client = { client_id: "client", client_secret: "client-secret" };
export const developer = { accountId: "6f1d7c1e-aaaa-4bbb-8ccc-000000000001", token: "fra:invented" };
export const hookSecret = "invented-hook-secret";

export const verifier = "a-verifier-of-at-least-43-characters_1234567890";
export const challenge = createHash("sha256").update(verifier).digest("base64url");

/** A LiveChat stand-in with one organization, and what a client of it would send. */
export async function startLivechat(overrides: Partial<LivechatOptions> = {}) {
  const sandbox = await startLivechatSandbox({
    clientId: client.client_id,
    clientSecret: client.client_secret,
    redirectUri,
    personalAccessToken: developer,
    ...overrides,
  });
  onTestFinished(sandbox.stop);
  sandbox.addOrganization(organization, "ana@pizza.example");

  const consentUrl = (query: Record<string, string> = {}) => {
    const asked = { response_type: "code", client_id: "client", redirect_uri: redirectUri, ...query };
    return `${sandbox.accountsUrl}/?${new URLSearchParams(asked)}`;
  };
  const consent = (query: Record<string, string> = {}) => fetch(consentUrl(query), { redirect: "manual" });
  const postToken = (fields: Record<string, string>) =>
    fetch(`${sandbox.accountsUrl}/v2/token`, {
      method: "POST",
      body: new URLSearchParams({ ...client, ...fields }),
    });
  const exchange = (code: string, fields: Record<string, string> = {}) =>
    postToken({ grant_type: "authorization_code", code, redirect_uri: redirectUri, ...fields });
  const refresh = (refreshToken: string, fields: Record<string, string> = {}) =>
    postToken({ grant_type: "refresh_token", refresh_token: refreshToken, ...fields });
  const accounts = (method: string, path: string, token: string) =>
    fetch(`${sandbox.accountsUrl}/v2/${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  const revoke = (token: string) => accounts("DELETE", "token", token);
  const info = (token: string) => accounts("GET", "info", token);
  const install = async (organizationId = organization) =>
    readTokens(await exchange(sandbox.issueCode(organizationId)));

  const call = (path: string, authorization: string | undefined, body: unknown, headers = {}) =>
    fetch(`${sandbox.apiUrl}/${path}`, {
      method: "POST",
      headers: {
        ...(authorization !== undefined && { authorization }),
        "content-type": "application/json",
        ...headers,
      },
      body: JSON.stringify(body),
    });
  const configure = (method: string, token: string, body: unknown, headers = {}) =>
    call(`v3.6/configuration/action/${method}`, `Bearer ${token}`, body, headers);
  const act = (method: string, token: string, body: unknown, headers = {}) =>
    call(`v3.6/agent/action/${method}`, `Bearer ${token}`, body, headers);
  const credentials = Buffer.from(`${developer.accountId}:${developer.token}`).toString("base64");
  const develop = (method: string, body: unknown) =>
    call(`v3.6/configuration/action/${method}`, `Basic ${credentials}`, body);

  const createBot = async (token: string, groups = [{ id: 0, priority: "supervisor" }]) => {
    const answer = await configure("create_bot", token, { name: "Pizza BOT", groups });
    return z.object({ id: z.string(), secret: z.string() }).parse(await answer.json());
  };
  const askBotToken = (bot: { id: string; secret: string }, fields = {}, authorization?: string) => {
    const body = {
      bot_id: bot.id,
      bot_secret: bot.secret,
      client_id: "client",
      organization_id: organization,
    };
    const path = "v3.6/configuration/action/issue_bot_token";
    return call(path, authorization, { ...body, ...fields });
  };
  const issueBotToken = async (bot: { id: string; secret: string }, fields = {}) => {
    const answer = await askBotToken(bot, fields);
    return z.object({ token: z.string() }).parse(await answer.json()).token;
  };
  const membership = { user_type: "agent", ignore_requester_presence: true };
  const join = (botToken: string, botId: string, chatId: string, fields = {}) =>
    act("add_user_to_chat", botToken, {
      ...membership,
      chat_id: chatId,
      user_id: botId,
      visibility: "agents",
      ...fields,
    });
  const leave = (botToken: string, botId: string, chatId: string, fields = {}) =>
    act("remove_user_from_chat", botToken, { ...membership, chat_id: chatId, user_id: botId, ...fields });
  const send = (botToken: string, chatId: string, event: object) =>
    act("send_event", botToken, { chat_id: chatId, event: { type: "message", ...event } });

  return {
    sandbox,
    consentUrl,
    consent,
    exchange,
    refresh,
    revoke,
    info,
    install,
    call,
    configure,
    act,
    develop,
    createBot,
    askBotToken,
    issueBotToken,
    join,
    leave,
    send,
  };
}

/** An installed app whose bot is on line, with webhooks for both actions to a receiver. */
export async function startInstalled(
  webhook: Partial<NewWebhook> = {},
  overrides: Partial<LivechatOptions> = {},
) {
  const livechat = await startLivechat(overrides);
  const { sandbox } = livechat;
  const receiver = await startReceiver();
  const { access_token: accessToken, refresh_token: refreshToken } = await livechat.install();
  const bot = await livechat.createBot(accessToken);
  const botToken = await livechat.issueBotToken(bot);
  sandbox.setRoutingStatus(organization, bot.id, "not_accepting_chats");
  const registered = { url: receiver.url, secret_key: hookSecret, type: "bot", ...webhook } as const;
  sandbox.addWebhook({ ...registered, action: "incoming_chat", filters: undefined });
  sandbox.addWebhook({ ...registered, action: "incoming_event" });
  return { ...livechat, receiver, accessToken, refreshToken, bot, botToken };
}
