import type { Exchange } from "../../src/sandbox/exchanges.ts";

/** One request of the wire, as docs/wire.md shows it. */
export type Entry = {
  heading: string;
  about: string;
  /** The exchange that is shown: the platform's first of which this is true. */
  isShown: (exchange: Exchange) => boolean;
};

export type Section = {
  heading: string;
  about: string;
  /** Whose exchanges are shown, as people call it. */
  platform: string;
  baseUrl: string;
  entries: readonly Entry[];
};

const OURS = "https://bots.example.com";

/** Everything that goes over the wire, in the order in which a reader meets it. */
export const SECTIONS: readonly Section[] = [
  {
    heading: "Webhooks of LiveChat",
    about:
      "The secret is in the body, as `secret_key`: it is `LIVECHAT_WEBHOOK_SECRET`, the same for all organizations. The answer is sent once the job is on disk. A delivery with another secret gets 401. `webhook_id` names the registration, not the delivery. `added_later` stands for keys that LiveChat may add at any time.",
    platform: "LiveChat",
    baseUrl: OURS,
    entries: [
      call("incoming_chat", "A chat begins, or a new thread in it. It comes with what was written so far."),
      {
        ...call(
          "incoming_event",
          "Something happens in a running chat. Joins and leaves are events, too, and are ignored, like the bot's own messages.",
        ),
        isShown: (exchange) => nameOf(exchange) === "incoming_event" && has(exchange, "One more pizza"),
      },
    ],
  },
  {
    heading: "Webhooks of chat.io",
    about:
      "The secret is in the body, as `secret_key`. The answer is sent once the job is on disk. A delivery with another secret gets 401.",
    platform: "chat.io",
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
        isShown: (exchange) => nameOf(exchange) === "incoming_event" && has(exchange, "One more pizza"),
      },
    ],
  },
  {
    heading: "Webhooks of Webex",
    about:
      "The text is not in it. The header `X-Spark-Signature` is the HMAC-SHA1 of the body's bytes, in hex. `X-Webex-Signature`, where Webex sends it, is `SHA-256=<hex>, SHA-512=<hex>`. The key is `WT_WEBHOOK_SECRET`.",
    platform: "Webex",
    baseUrl: OURS,
    entries: [
      call("messages/created", "Somebody has mentioned globobot in a group room, or written in a 1:1 room."),
    ],
  },
  {
    heading: "Calls to accounts.livechat.com",
    about: "The requests with a body are forms (`application/x-www-form-urlencoded`), shown here as JSON.",
    platform: "LiveChat",
    baseUrl: "https://accounts.livechat.com",
    entries: [
      call(
        "exchange",
        "Trades the code from the consent page for tokens. A code is good once. `code_verifier` (PKCE) is left out for an installation that was begun at LiveChat.",
      ),
      call("refresh", "Trades the refresh token for a new access token."),
      refused("refresh", "a refresh token that is unknown or revoked", 400),
      call("revoke", "Revokes the access token and its refresh token."),
    ],
  },
  {
    heading: "Calls to api.livechatinc.com: the app's webhooks",
    about:
      "With `Authorization: Basic <LIVECHAT_PAT in base64>`. Only `npm run webhooks` and `npm run doctor` make them. The path holds `LIVECHAT_API_VERSION`.",
    platform: "LiveChat",
    baseUrl: "https://api.livechatinc.com",
    entries: [
      call("list_webhooks", "The webhooks of the app, the same for all organizations."),
      call("register_webhook", "Registers a webhook. One cannot be changed, only replaced."),
      call("unregister_webhook", "Deletes a webhook."),
    ],
  },
  {
    heading: "Calls to api.livechatinc.com: the bot",
    about:
      "With `Authorization: Bearer <access token>`. If a call was refused with a region, it is repeated with the header `X-Region`, and so are all later calls for that organization.",
    platform: "LiveChat",
    baseUrl: "https://api.livechatinc.com",
    entries: [
      {
        ...call(
          "list_bots",
          "The bots of this app in the organization: installing again must not create a second one.",
        ),
        isShown: (exchange) =>
          nameOf(exchange) === "list_bots" && JSON.stringify(exchange.response).includes("Pizza BOT"),
      },
      call("list_groups", "The groups of the organization."),
      call("create_bot", "Creates the bot in all groups. Its secret is told here only."),
      call("reset_bot_secret", "A new secret for a bot that is there already, where ours is lost."),
      call("issue_bot_token", "A token by which the bot acts in chats. It is good for 24 hours."),
      call("set_routing_status", "Puts the bot on line. No chats are assigned to it."),
      call("enable_license_webhooks", "Lets the organization send webhooks to this app."),
      call("get_bot", "Which groups the bot is in, and whether it still exists."),
      call("update_bot", "Puts the bot into all groups, new ones included."),
      call("get_license_webhooks_state", "Whether the organization sends webhooks; `npm run doctor` asks."),
      call("delete_bot", "Deletes the bot."),
      refused("get_bot", "an access token that is no longer valid", 401),
    ],
  },
  {
    heading: "Calls to api.livechatinc.com: the chat",
    about: "With `Authorization: Bearer <bot token>`: the bot itself acts.",
    platform: "LiveChat",
    baseUrl: "https://api.livechatinc.com",
    entries: [
      call("add_user_to_chat", "The bot joins the chat, seen by agents only."),
      call("send_event", "The bot writes to the agents; the customer does not see it."),
      call("remove_user_from_chat", "The bot leaves the chat."),
    ],
  },
  {
    heading: "Calls to accounts.chat.io",
    about: "The requests with a body are forms (`application/x-www-form-urlencoded`), shown here as JSON.",
    platform: "chat.io",
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
    platform: "chat.io",
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
    platform: "chat.io",
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
    platform: "Webex",
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

/** Of a call or a webhook by this name, the first that worked. */
function call(heading: string, about: string): Entry {
  const isShown = (exchange: Exchange) => nameOf(exchange) === heading && (exchange.status ?? 500) < 300;
  return { heading, about, isShown };
}

function refused(name: string, withWhat: string, status: number): Entry {
  return {
    heading: `${name}, refused`,
    about: `With ${withWhat}.`,
    isShown: (exchange) => nameOf(exchange) === name && exchange.status === status,
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
