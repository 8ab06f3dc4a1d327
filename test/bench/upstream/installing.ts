import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { ChatioSandbox } from "../../../src/sandbox/chatio/index.ts";
import { APP, type Installed, WEBHOOK_URL } from "./facts.ts";

const AT_ONCE = 8;

const tokens = z.object({ access_token: z.string(), refresh_token: z.string() });
const made = z.object({ bot_agent_id: z.string() });

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
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code: chatio.issueCode(licenseId),
    client_id: APP.clientId,
    client_secret: APP.clientSecret,
    redirect_uri: APP.redirectUri,
  });
  const { access_token, refresh_token } = await post(`${chatio.accountsUrl}/token`, { body: form }, tokens);
  const webhookSecret = randomBytes(32).toString("base64url");
  const webhooks = { url: WEBHOOK_URL, secret_key: webhookSecret, actions: [] };
  const { bot_agent_id: botId } = await post(
    `${chatio.apiUrl}/configuration/v0.3/agents/create_bot_agent`,
    {
      headers: { "content-type": "application/json", authorization: `Bearer ${access_token}` },
      body: JSON.stringify({ name: "Pizza BOT", status: "not accepting chats", webhooks }),
    },
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

async function post<Shape extends z.ZodType>(
  url: string,
  request: RequestInit,
  answer: Shape,
): Promise<z.infer<Shape>> {
  return answer.parse(await (await fetch(url, { method: "POST", ...request })).json());
}
