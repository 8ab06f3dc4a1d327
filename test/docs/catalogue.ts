import type { Exchange } from "../../src/sandbox/exchanges.ts";

/** One request of the wire, as docs/wire.md shows it. */
export type Entry = {
  heading: string;
  about: string;
  /** The exchange that is shown: the first of which this is true. */
  isShown: (exchange: Exchange) => boolean;
};

export type Section = { heading: string; about: string; baseUrl: string; entries: readonly Entry[] };

const OURS = "https://bots.example.com";

/** Everything that goes over the wire, in the order in which a reader meets it. */
export const SECTIONS: readonly Section[] = [
  {
    heading: "Webhooks of LiveChat",
    about:
      "The app's secret is in the body, as `secret_key`. The answer is sent once the job is on disk. A delivery with another secret gets 401, one of an organization that is not installed here gets 200 and is ignored. `added_later` stands for keys that LiveChat may add at any time.",
    baseUrl: OURS,
    entries: [
      livechat("incoming_chat", "A chat begins, or begins again. It comes with what was written so far."),
      {
        ...livechat("incoming_event", "Something happens in a running chat."),
        isShown: (exchange) =>
          isOfLivechat(exchange) && nameOf(exchange) === "incoming_event" && has(exchange, "One more pizza"),
      },
    ],
  },
  {
    heading: "Calls to accounts.livechat.com",
    about: "The requests with a body are forms (`application/x-www-form-urlencoded`), shown here as JSON.",
    baseUrl: "https://accounts.livechat.com",
    entries: [
      livechat(
        "exchange",
        "Exchanges the code from the consent page for tokens; a code is valid once. The verifier belongs to the challenge in the consent link (PKCE). An installation from the marketplace has none.",
      ),
      livechat("refresh", "Exchanges the refresh token for a new access token."),
      livechat("revoke", "Revokes the access token, sent as `Bearer`, and its refresh token."),
    ],
  },
  {
    heading: "Calls to api.livechatinc.com: the bot",
    about:
      "With `Authorization: Bearer <access token>`. The path holds `LIVECHAT_API_VERSION`. After a `misdirected_request` all calls of the organization carry `X-Region`.",
    baseUrl: "https://api.livechatinc.com",
    entries: [
      livechat("list_bots", "This app's bots in the organization: the bot is created only if there is none."),
      livechat("list_groups", "All groups of the organization."),
      livechat("create_bot", "Creates the bot in all groups. Its secret is told here only."),
      livechat("update_bot", "Puts the bot into all groups again."),
      livechat("get_bot", "Which groups the bot is in, and whether it still exists."),
      livechat("reset_bot_secret", "A new secret for the bot, when ours is lost."),
      livechat("issue_bot_token", "A token by which the bot acts in chats for 24 hours."),
      livechat("set_routing_status", "Puts the bot on line, without any chats being assigned to it."),
      livechat("get_license_webhooks_state", "Whether the organization sends webhooks. Only doctor asks."),
      livechat("enable_license_webhooks", "Lets the organization send the app's webhooks."),
      livechat("delete_bot", "Deletes the bot."),
    ],
  },
  {
    heading: "Calls to api.livechatinc.com: the chat",
    about: "With `Authorization: Bearer <bot token>`.",
    baseUrl: "https://api.livechatinc.com",
    entries: [
      livechat("add_user_to_chat", "The bot joins the chat, for the agents only."),
      livechat("send_event", "The bot writes to the agents; the customer does not see it."),
      livechat("remove_user_from_chat", "The bot leaves the chat."),
      {
        ...livechat("add_user_to_chat", "With a bot token that has expired."),
        heading: "add_user_to_chat, refused",
        isShown: (exchange) => nameOf(exchange) === "add_user_to_chat" && exchange.status === 401,
      },
    ],
  },
  {
    heading: "Calls to api.livechatinc.com: the app's webhooks",
    about:
      "With `Authorization: Basic <account id:personal access token>`, from `LIVECHAT_PAT`. Only commands make them.",
    baseUrl: "https://api.livechatinc.com",
    entries: [
      livechat("list_webhooks", "All webhooks of the app, without their secrets."),
      livechat("register_webhook", "Registers a webhook for all organizations."),
      livechat("unregister_webhook", "Deletes a webhook."),
    ],
  },
  {
    heading: "Webhooks of chat.io",
    about:
      "The secret is in the body, as `secret_key`. The answer is sent once the job is on disk. A delivery with another secret gets 401.",
    baseUrl: OURS,
    entries: [
      call(
        "incoming_chat_thread",
        "A chat begins, or a new thread in it. It comes with what was written so far.",
      ),
      {
        ...call(
          "incoming_event",
          "Something happens in a running chat. Joins and leaves are events, too, and are ignored.",
        ),
        isShown: (exchange) =>
          !isOfLivechat(exchange) && nameOf(exchange) === "incoming_event" && has(exchange, "One more pizza"),
      },
    ],
  },
  {
    heading: "Webhooks of Webex",
    about:
      "The text is not in it. The header `X-Spark-Signature` is the HMAC-SHA1 of the body's bytes, in hex. `X-Webex-Signature`, where Webex sends it, is `SHA-256=<hex>, SHA-512=<hex>`. The key is `WT_WEBHOOK_SECRET`.",
    baseUrl: OURS,
    entries: [
      call("messages/created", "Somebody has mentioned globobot in a group room, or written in a 1:1 room."),
    ],
  },
  {
    heading: "Calls to accounts.chat.io",
    about: "The requests with a body are forms (`application/x-www-form-urlencoded`), shown here as JSON.",
    baseUrl: "https://accounts.chat.io",
    entries: [
      call("exchange", "Trades the code from the consent page for tokens. A code is good once."),
      call("info", "Which license the token is for."),
      call("refresh", "Trades a refresh token for new tokens. The old refresh token is used up."),
      refused("refresh", "a refresh token that is used or revoked", 400),
      call("revoke", "Revokes the access token and its refresh token."),
    ],
  },
  {
    heading: "Calls to api.chat.io: the bot agent",
    about: "With `Authorization: Bearer <access token>`. The path holds `CHATIO_API_VERSION`.",
    baseUrl: "https://api.chat.io",
    entries: [
      call("create_bot_agent", "Creates the bot agent and says where its webhooks go."),
      call(
        "update_bot_agent",
        "Ties the bot agent to the token of this call. Needed after each renewal: otherwise it is logged out.",
      ),
      call(
        "get_bot_agents",
        "The bot agents of this app on the license. Asked when the answer to `create_bot_agent` was lost.",
      ),
      call("get_bot_agent_details", "Where the bot agent sends its webhooks, and whether it still exists."),
      call("remove_bot_agent", "Removes the bot agent."),
      refused("get_bot_agent_details", "an access token that is no longer valid", 401),
    ],
  },
  {
    heading: "Calls to api.chat.io: the chat",
    about: "With `Authorization: Bearer <access token>`. `author_id` is the bot that acts.",
    baseUrl: "https://api.chat.io",
    entries: [
      call("join_chat", "The bot joins the chat."),
      call("send_event", "The bot writes to the agents; the customer does not see it."),
      call("remove_from_chat", "The bot leaves the chat."),
    ],
  },
  {
    heading: "Calls to Webex",
    about: "With `Authorization: Bearer <bot token>`.",
    baseUrl: "https://webexapis.com",
    entries: [
      call("GET /people/me", "Who the bot is."),
      call(
        "GET /messages/{id}",
        "The message that a webhook told of. In a group room its text begins with the bot's name.",
      ),
      call(
        "POST /messages",
        "The reply. In a thread it has a `parentId`; with `WT_REPLY_PRIVATELY` it has `toPersonId` instead of `roomId`.",
      ),
      call("GET /webhooks", "All webhooks of the bot; further pages follow the `Link` header."),
      call("POST /webhooks", "Creates a webhook."),
      call("PUT /webhooks/{id}", "Switches a webhook on again, or changes its name, target or secret."),
      call("DELETE /webhooks/{id}", "Deletes a webhook."),
    ],
  },
];

/** Of a call or a webhook by this name, the first that worked; LiveChat's are of the same names. */
function call(heading: string, about: string): Entry {
  const isShown = (exchange: Exchange) => worked(exchange, heading) && !isOfLivechat(exchange);
  return { heading, about, isShown };
}

function livechat(heading: string, about: string): Entry {
  return { heading, about, isShown: (exchange) => worked(exchange, heading) && isOfLivechat(exchange) };
}

function worked(exchange: Exchange, name: string): boolean {
  return nameOf(exchange) === name && (exchange.status ?? 500) < 300;
}

function isOfLivechat({ platform }: Exchange): boolean {
  return platform === "LiveChat";
}

function refused(name: string, withWhat: string, status: number): Entry {
  return {
    heading: `${name}, refused`,
    about: `With ${withWhat}.`,
    isShown: (exchange) => !isOfLivechat(exchange) && nameOf(exchange) === name && exchange.status === status,
  };
}

/** What the clients call it: "join_chat", "GET /messages/{id}". A webhook has the name of its event. */
function nameOf({ platform, kind, method, path, request }: Exchange): string {
  const [pathname = ""] = path.split("?");
  const last = pathname.split("/").at(-1) ?? "";
  if (kind === "webhook")
    return field(request, "action") ?? `${field(request, "resource")}/${field(request, "event")}`;
  if (platform === "Webex")
    return `${method} ${pathname.replace("/v1", "").replace(/\/Y2lz[\w-]+/, "/{id}")}`;
  if (last !== "token") return last;
  if (method === "DELETE") return "revoke";
  return field(request, "grant_type") === "refresh_token" ? "refresh" : "exchange";
}

function field(body: unknown, name: string): string | undefined {
  const entries = typeof body === "object" && body !== null ? Object.entries(body) : [];
  const value: unknown = entries.find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : undefined;
}

function has({ request }: Exchange, text: string): boolean {
  return JSON.stringify(request).includes(text);
}
