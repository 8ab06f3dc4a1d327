import type { Work } from "../endpoint.ts";
import { createStandIn, type StandIn, type StandInOptions } from "../stand-in.ts";
import { createAnnounce, type DeliveryRecord, type WebexDeliverySettings } from "./deliveries.ts";
import { createMessages, createMessagesApi, type Message } from "./messages.ts";
import { createPeople, type RoomLine, type SaysOptions } from "./people.ts";
import { createPerson } from "./person.ts";
import { createRooms, type Room } from "./rooms.ts";
import { createHooks, createWebhooksApi, hookBody, type NewWebhook, type Webhook } from "./webhooks.ts";
import { failure, guardEndpoint, refusal } from "./wire.ts";

export type { NewWebhook } from "./webhooks.ts";

export type WebexOptions = StandInOptions & { botToken: string };

export type WebexSandbox = StandIn<DeliveryRecord, WebexDeliverySettings> & {
  /** Ends in /v1. */
  apiUrl: string;
  bot: { id: string; email: string; displayName: string };
  /** Members are e-mail addresses; the bot is always a member. Default type: "group". */
  addRoom(options: { title: string; type?: Room["type"]; members: string[] }): Room;
  /**
   * A member writes; "@name" of anyone in the room becomes a mention. Resolves when the webhooks this caused are
   * answered or given up.
   */
  says(email: string, roomId: string, text: string, options?: SaysOptions): Promise<Message>;
  transcript(roomId: string): RoomLine[];
  messages(roomId: string): Message[];
  /** As if its author had deleted it. */
  deleteMessage(id: string): void;
  /** From now on the bot's token is refused. */
  rejectToken(): void;
  acceptToken(): void;
  webhooks(): Webhook[];
  /** As the platform does after too many failed deliveries. */
  disableWebhook(id: string): void;
  /** As POST /webhooks would; throws what that would refuse. */
  addWebhook(hook: NewWebhook): Webhook;
};

const BOT_EMAIL = "globobot@webex.bot";
const knownPaths = ["/people/me", "/messages", "/messages/:id", "/webhooks", "/webhooks/:id"];

/** Starts a stand-in for Webex on 127.0.0.1, as strict as the platform is documented to be. */
export async function startWebexSandbox(options: WebexOptions): Promise<WebexSandbox> {
  const settings: WebexDeliverySettings = { signature: "both" };
  const standIn = createStandIn<DeliveryRecord, WebexDeliverySettings>("Webex", options, settings);
  const { app, onChange } = standIn;
  const bot = createPerson(BOT_EMAIL, "bot");
  const rooms = createRooms(bot, onChange);
  const messages = createMessages();
  const hooks = createHooks(bot, onChange);
  const announce = createAnnounce({ ...standIn, hooks });
  let isTokenAccepted = true;

  const endpoint = guardEndpoint(
    standIn.endpoints(failure),
    (token) => isTokenAccepted && token === options.botToken,
  );
  app.get(
    "/v1/people/me",
    endpoint("GET /people/me", () => ({ status: 200, json: bot })),
  );
  app.use("/v1", createMessagesApi({ bot, rooms, messages, announce, endpoint }));
  app.use("/v1", createWebhooksApi({ hooks, endpoint }));
  for (const path of knownPaths)
    app.all(`/v1${path}`, endpoint("unknown", refuse(405, "Method Not Allowed")));
  app.use(endpoint("unknown", refuse(404, "The requested resource could not be found.")));
  const { origin, ...shared } = await standIn.open(() => failure(400, "The request could not be read."));

  return {
    ...shared,
    apiUrl: `${origin}/v1`,
    bot: { id: bot.id, email: BOT_EMAIL, displayName: bot.displayName },
    ...createPeople({ bot, rooms, messages, announce }),
    rejectToken() {
      isTokenAccepted = false;
    },
    acceptToken() {
      isTokenAccepted = true;
    },
    webhooks: () => hooks.list().map((hook) => ({ ...hook })),
    disableWebhook(id) {
      const hook = hooks.find(id);
      if (hook === undefined) throw new Error(`no webhook ${id}`);
      hooks.disable(hook);
    },
    addWebhook: (hook) => ({ ...hooks.add(hookBody.parse(hook)) }),
  };
}

function refuse(status: 404 | 405, message: string): Work {
  return () => {
    throw refusal(status, message);
  };
}
