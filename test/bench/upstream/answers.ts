import { z } from "zod";

/** What one call is answered with. `call` is its name: the last part of chat.io's paths, method and path of Webex's. */
export type Answered = { call: string; body: string };

export const BOT_ID = "BOT1";
export const WEBHOOK_URL = "http://127.0.0.1/webhook";
/** Of the one license that can be installed. */
export const LICENSE = 1520;

const sentSecret = z.object({ webhooks: z.object({ secret_key: z.string() }) });

/** The webhook secret that the bot agent was made with last. */
let secret = "";

export function lastSecret(): string {
  return secret;
}

/** As chat.io and Webex (below /webex) answer the calls that the bots make when all is well; null for any other call. */
export function answerTo(method: string, path: string, body: string): Answered | null {
  const [, root, ...rest] = path.split("?")[0]?.split("/") ?? [];
  if (root === "agent") return action(rest.at(-1) ?? "");
  if (root === "webex") return webex(`${method} /${rest[0]}`, rest[1] ?? "");
  if (root === "configuration") return botAgent(rest.at(-1) ?? "", body);
  return accounts(`${method} /${root}`);
}

// Joining and leaving have nothing to tell.
function action(call: string): Answered {
  return { call, body: call === "send_event" ? '{"thread_id":"thread-1","event":{}}' : "{}" };
}

function accounts(call: string): Answered | null {
  const answers: Record<string, object> = {
    "POST /token": { access_token: "1/access", refresh_token: "-/refresh", expires_in: 3920 },
    "GET /info": { license_id: LICENSE, expires_in: 3920 },
  };
  return json(call, answers[call]);
}

function botAgent(call: string, body: string): Answered {
  if (call === "create_bot_agent") secret = sentSecret.parse(JSON.parse(body)).webhooks.secret_key;
  const details = { bot_agent: { id: BOT_ID, webhooks: { url: WEBHOOK_URL } } };
  return {
    call,
    body: JSON.stringify(call === "get_bot_agent_details" ? details : { bot_agent_id: BOT_ID }),
  };
}

function webex(call: string, id: string): Answered | null {
  if (call === "GET /messages") return { call, body: JSON.stringify(question(id)) };
  if (call === "POST /messages") return { call, body: JSON.stringify({ ...question("REPLY1"), html: "" }) };
  const answers: Record<string, object> = {
    "GET /people": { id: BOT_ID, emails: ["globobot@webex.bot"], displayName: "globobot", type: "bot" },
    "GET /webhooks": { items: [] },
  };
  return json(call, answers[call]);
}

function question(id: string): object {
  return {
    id,
    roomId: `ROOM${id}`,
    roomType: "group",
    text: "globobot acct100",
    html: `<spark-mention data-object-type="person" data-object-id="${BOT_ID}">globobot</spark-mention> acct100`,
    personId: "ANA1",
    personEmail: "ana@example.com",
    mentionedPeople: [BOT_ID],
    created: "2026-01-05T10:01:02.003Z",
  };
}

function json(call: string, answer: object | undefined): Answered | null {
  return answer === undefined ? null : { call, body: JSON.stringify(answer) };
}
