import { z } from "zod";
import { type CallReport, createHttp } from "../../http.ts";

const TIMEOUT_MS = 10_000;

const person = z.object({
  id: z.string(),
  emails: z.array(z.string()),
  displayName: z.string().default(""),
  type: z.string().optional(),
});

const message = z.object({
  id: z.string(),
  roomId: z.string(),
  /** Only inside a thread. */
  parentId: z.string().optional(),
  /** Absent when there is only a file, empty for a sticker. */
  text: z.string().optional(),
  html: z.string().optional(),
  personId: z.string(),
  personEmail: z.string().default(""),
  mentionedPeople: z.array(z.string()).default([]),
});

export type WebexPerson = z.infer<typeof person>;
export type WebexMessage = z.infer<typeof message>;
export type WebexReply = { roomId: string; parentId?: string; text: string };

export type WebexClientOptions = {
  /** The whole prefix, e.g. https://webexapis.com/v1. */
  apiUrl: string;
  token: string;
  /** Milliseconds that one call may take; 10 s unless told otherwise. */
  timeoutMs?: number | undefined;
  /** Told of every call once it has ended. */
  observe?: (call: CallReport) => void;
};

/** The calls that globobot makes, with its bot token. Each throws PlatformError. */
export function createWebexClient({ apiUrl, token, timeoutMs = TIMEOUT_MS, observe }: WebexClientOptions) {
  const http = createHttp({ platform: "Webex", baseUrl: apiUrl, timeoutMs, observe });
  return {
    /** The bot's own person. */
    getMe: (): Promise<WebexPerson> =>
      http({ name: "GET /people/me", method: "GET", path: "/people/me", token, answer: person }),

    /** 404 when it was deleted, or when the bot may not see it. */
    getMessage: (id: string): Promise<WebexMessage> =>
      http({
        name: "GET /messages/{id}",
        method: "GET",
        path: `/messages/${encodeURIComponent(id)}`,
        token,
        answer: message,
      }),

    /** Not idempotent: repeated, the text stands in the room twice. */
    createMessage: async (reply: WebexReply): Promise<void> => {
      await http({
        name: "POST /messages",
        method: "POST",
        path: "/messages",
        token,
        json: reply,
        answer: z.unknown(),
      });
    },
  };
}

export type WebexClient = ReturnType<typeof createWebexClient>;
