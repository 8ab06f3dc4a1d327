import { z } from "zod";
import {
  type CallGate,
  type CallReport,
  createHttp,
  type Http,
  type PlatformRefusal,
} from "../../http/http.ts";

const TIMEOUT_MS = 10_000;
/** Ends a list whose next page leads back to itself. */
const MOST_PAGES = 100;

const person = z.object({
  id: z.string(),
  emails: z.array(z.string()),
  displayName: z.string().default(""),
  type: z.string().optional(),
});

const message = z.object({
  id: z.string(),
  roomId: z.string(),
  /** "group" or "direct". */
  roomType: z.string().optional(),
  /** Only inside a thread. */
  parentId: z.string().optional(),
  /** Absent if there is only a file, empty for a sticker. */
  text: z.string().optional(),
  html: z.string().optional(),
  personId: z.string(),
  personEmail: z.string().default(""),
  mentionedPeople: z.array(z.string()).default([]),
});

const webhook = z.object({
  id: z.string(),
  name: z.string(),
  targetUrl: z.string(),
  resource: z.string(),
  event: z.string(),
  filter: z.string().optional(),
  /** Webex may return it: never log or print it. */
  secret: z.string().optional(),
  /** "active", or "inactive" after 100 failed deliveries within 5 minutes. */
  status: z.string().default("active"),
});

export type Webhook = z.infer<typeof webhook>;
export type NewWebhook = Omit<Webhook, "id" | "status">;
/** What PUT can change; name and target are required. "active" is the only status that can be set. */
export type WebhookChange = { name: string; targetUrl: string; secret?: string; status: "active" };

export type WebexPerson = z.infer<typeof person>;
export type WebexMessage = z.infer<typeof message>;
/** To a room, possibly in a thread, or 1:1 to a person. */
export type WebexReply = { text: string } & ({ roomId: string; parentId?: string } | { toPersonId: string });

export type WebexClientOptions = {
  /** The whole prefix, e.g. https://webexapis.com/v1. */
  apiUrl: string;
  token: string;
  /** Milliseconds that one call may take; 10 s by default. */
  timeoutMs?: number | undefined;
  /** What every call has to pass. */
  gate?: CallGate | undefined;
  /** Called whenever a call has ended. */
  observe?: (call: CallReport) => void;
};

/** The one rate limit: all calls, and so all jobs, use the bot's one token. */
export const QUOTA = "webex";

/** Webex has no names for errors, but each of its own refusals has these fields (developer.webex.com, "API errors"). */
const ownRefusal = z
  .object({ message: z.string(), trackingId: z.string() })
  .transform((): PlatformRefusal => ({ type: null }));

function readRefusal(body: unknown): PlatformRefusal | null {
  return ownRefusal.safeParse(body).data ?? null;
}

/** The calls that globobot makes, with its bot token. Each throws PlatformError. */
export function createWebexClient(options: WebexClientOptions) {
  const { apiUrl, token, timeoutMs = TIMEOUT_MS, gate, observe } = options;
  const http = createHttp({ platform: "Webex", baseUrl: apiUrl, timeoutMs, gate, observe, readRefusal });
  const common = { token, quota: QUOTA };
  return { ...messageCalls(http, common), ...webhookCalls(http, common) };
}

type Common = { token: string; quota: string };

export type WebexClient = ReturnType<typeof createWebexClient>;

function messageCalls(http: Http, common: Common) {
  return {
    /** The bot itself. */
    getMe: (): Promise<WebexPerson> =>
      http({ ...common, name: "GET /people/me", method: "GET", path: "/people/me", answer: person }),

    /** Refused with 404 if the message was deleted or the bot may not see it. */
    getMessage: (id: string): Promise<WebexMessage> => {
      const path = `/messages/${encodeURIComponent(id)}`;
      return http({ ...common, name: "GET /messages/{id}", method: "GET", path, answer: message });
    },

    /** Not idempotent: if repeated, the text appears twice. */
    createMessage: (reply: WebexReply): Promise<void> =>
      http({ ...common, name: "POST /messages", method: "POST", path: "/messages", json: reply }),
  };
}

function webhookCalls(http: Http, common: Common) {
  return {
    /** All webhooks of this token, from all pages. */
    listWebhooks: async (): Promise<Webhook[]> => {
      const all: Webhook[] = [];
      const answer = z.object({ items: z.array(webhook) });
      const next: string[] = ["/webhooks?max=100"];
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const path = next.pop();
        if (path === undefined) break;
        const onNext = (more: string) => void next.push(more);
        const page = await http({ ...common, name: "GET /webhooks", method: "GET", path, answer, onNext });
        all.push(...page.items);
      }
      return all;
    },

    createWebhook: (hook: NewWebhook): Promise<Webhook> =>
      http({
        ...common,
        name: "POST /webhooks",
        method: "POST",
        path: "/webhooks",
        json: hook,
        answer: webhook,
      }),

    updateWebhook: (id: string, change: WebhookChange): Promise<void> => {
      const path = `/webhooks/${encodeURIComponent(id)}`;
      return http({ ...common, name: "PUT /webhooks/{id}", method: "PUT", path, json: change });
    },

    deleteWebhook: (id: string): Promise<void> => {
      const path = `/webhooks/${encodeURIComponent(id)}`;
      return http({ ...common, name: "DELETE /webhooks/{id}", method: "DELETE", path });
    },
  };
}
