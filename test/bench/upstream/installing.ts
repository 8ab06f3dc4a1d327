import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { ChatioSandbox } from "../../../src/sandbox/chatio/index.ts";
import type { LivechatSandbox } from "../../../src/sandbox/livechat/index.ts";
import { APP, type Installed, type InstalledOrganization, ORGANIZATION, WEBHOOK_URL } from "./facts.ts";

const AT_ONCE = 8;

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() });
const made = z.object({ bot_agent_id: z.string() });
const madeBot = z.object({ id: z.string(), secret: z.string() });
const issued = z.object({ token: z.string() });

/** Installs the bot on each license, as a server would that has gone since. Nothing is delivered to these bots. */
export async function install(chatio: ChatioSandbox, licenses: readonly number[]): Promise<Installed[]> {
  const all: Installed[] = [];
  const left = licenses.values();
  const installer = async () => {
    for (const licenseId of left) all.push(await installOn(chatio, licenseId));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, installer));
  return all.sort((a, b) => Number(a.account) - Number(b.account));
}

async function installOn(chatio: ChatioSandbox, licenseId: number): Promise<Installed> {
  chatio.addLicense(licenseId);
  const { access_token, refresh_token } = await exchange(
    `${chatio.accountsUrl}/token`,
    chatio.issueCode(licenseId),
  );
  const webhookSecret = randomBytes(32).toString("base64url");
  const webhooks = { url: WEBHOOK_URL, secret_key: webhookSecret, actions: [] };
  const { bot_agent_id: botId } = await post(
    `${chatio.apiUrl}/configuration/v0.3/agents/create_bot_agent`,
    asJson(access_token, { name: "Pizza BOT", status: "not accepting chats", webhooks }),
    made,
  );
  return {
    account: String(licenseId),
    botId,
    accessToken: access_token,
    refreshToken: refresh_token,
    webhookSecret,
  };
}

/** Makes one more bot in LiveChat's organization, that may act in its chats. */
export async function installAtLivechat(livechat: LivechatSandbox): Promise<InstalledOrganization> {
  const { access_token, refresh_token } = await exchange(
    `${livechat.accountsUrl}/v2/token`,
    livechat.issueCode(ORGANIZATION),
  );
  const call = <Shape extends z.ZodType>(method: string, body: object, answer: Shape) =>
    post(`${livechat.apiUrl}/v3.6/${method}`, asJson(access_token, body), answer);
  const groups = [{ id: 0, priority: "supervisor" }];
  const { id, secret } = await call(
    "configuration/action/create_bot",
    { name: "Pizza BOT", groups },
    madeBot,
  );
  const asking = {
    bot_id: id,
    client_id: APP.clientId,
    bot_secret: secret,
    organization_id: ORGANIZATION,
  };
  const { token } = await call("configuration/action/issue_bot_token", asking, issued);
  const status = { status: "not_accepting_chats", agent_id: id };
  await call("agent/action/set_routing_status", status, z.object({}));
  return {
    account: ORGANIZATION,
    botId: id,
    accessToken: access_token,
    refreshToken: refresh_token,
    botToken: token,
    botSecret: secret,
  };
}

function exchange(url: string, code: string): Promise<z.infer<typeof tokens>> {
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    client_id: APP.clientId,
    client_secret: APP.clientSecret,
    redirect_uri: APP.redirectUri,
  });
  return post(url, { body: form }, tokens);
}

function asJson(accessToken: string, body: object): RequestInit {
  return {
    headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
    body: JSON.stringify(body),
  };
}

async function post<Shape extends z.ZodType>(
  url: string,
  request: RequestInit,
  answer: Shape,
): Promise<z.infer<Shape>> {
  return answer.parse(await (await fetch(url, { method: "POST", ...request })).json());
}
