import type { Call } from "../calls.ts";
import { createCourier, type DeliverySettings, defaultDelivery } from "../courier.ts";
import { createEndpoint, type Work } from "../endpoint.ts";
import { createExchanges, type Listeners } from "../exchanges.ts";
import { createFaults, type Faults } from "../faults.ts";
import { createWireApp, listen, refuseUnreadable } from "../listen.ts";
import { createAnnounce, type DeliveryRecord, type WebexDeliverySettings } from "./announce.ts";
import { createDirectoryApi } from "./directory-api.ts";
import { failure, refusal } from "./errors.ts";
import { guardEndpoint } from "./gate.ts";
import { createHooks, hookBody, type NewWebhook, type Webhook } from "./hooks.ts";
import { createHumans, type SaysOptions } from "./humans.ts";
import { createMessages, type Message } from "./messages.ts";
import { createMessagesApi } from "./messages-api.ts";
import { createPeople, type Person } from "./people.ts";
import { createRooms, type Room } from "./rooms.ts";
import { createWebhooksApi } from "./webhooks-api.ts";

export type { Call } from "../calls.ts";
export type { Exchange } from "../exchanges.ts";
export type { DeliveryRecord } from "./announce.ts";
export type { NewWebhook, Webhook } from "./hooks.ts";
export type { Message } from "./messages.ts";
export type { Person } from "./people.ts";
export type { Room } from "./rooms.ts";
export type { SignatureMode } from "./sign.ts";

export type WebexOptions = Listeners & {
  botToken: string;
  /** Default "globobot@webex.bot". */
  botEmail?: string;
  /** Default "globobot". */
  botName?: string;
  /** Default: any free port. */
  port?: number;
  /** Decides which calls a fault with a `rate` hits. */
  random?: () => number;
};

export type WebexSandbox = {
  /** Ends in /v1. */
  apiUrl: string;
  bot: { id: string; email: string; displayName: string };
  faults: Faults;
  addPerson(email: string, options?: { displayName?: string; type?: "person" | "bot" }): Person;
  /** The bot is always a member; members not yet known are added as persons. Default type: "group". */
  addRoom(options: { title: string; type?: "group" | "direct"; members: string[] }): Room;
  /**
   * A member writes; "@name" of anyone in the room becomes a mention. Resolves when the webhooks this caused are
   * answered or given up.
   */
  says(email: string, roomId: string, text: string, options?: SaysOptions): Promise<Message>;
  transcript(roomId: string): { author: string; text: string }[];
  messages(roomId: string): Message[];
  deleteMessage(id: string): void;
  /** The bot's token is wrong from now on, until it is accepted again. */
  rejectToken(): void;
  acceptToken(): void;
  webhooks(): Webhook[];
  /** As the platform does after too many failed deliveries. */
  disableWebhook(id: string): void;
  /** As POST /webhooks would; throws what that would refuse. */
  addWebhook(hook: NewWebhook): Webhook;
  /** Every call received, in order. */
  calls: Call[];
  /** How many connections were opened to it so far. */
  connections(): number;
  /** Every finished attempt to deliver a webhook. */
  deliveries: DeliveryRecord[];
  delivery: DeliverySettings & WebexDeliverySettings;
  /** Resolves when no delivery is under way. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

const knownPaths = ["people", "rooms", "memberships", "messages", "webhooks"].flatMap((name) => {
  return [`/${name}`, `/${name}/:id`];
});

/** Starts a stand-in for Webex on 127.0.0.1, as strict as the platform is documented to be. */
export async function startWebexSandbox(options: WebexOptions): Promise<WebexSandbox> {
  const { botToken, botEmail = "globobot@webex.bot", botName = "globobot" } = options;
  const { onExchange, onChange = () => undefined, onAnswer } = options;
  const beginExchange = onExchange && createExchanges("Webex", onExchange);
  const faults = createFaults(options.random);
  const calls: Call[] = [];
  const deliveries: DeliveryRecord[] = [];
  const delivery: DeliverySettings & WebexDeliverySettings = { ...defaultDelivery, signature: "both" };
  const courier = createCourier(delivery, beginExchange);
  const people = createPeople();
  const bot = people.add(botEmail, { displayName: botName, type: "bot" });
  const rooms = createRooms(bot, onChange);
  const messages = createMessages();
  const hooks = createHooks(bot, { botId: bot.id, people, rooms }, onChange);
  const announce = createAnnounce({ hooks, courier, settings: delivery, deliveries, onChange });
  const humans = createHumans({ people, rooms, messages, announce });
  let isTokenAccepted = true;

  const unguarded = createEndpoint({ faults, calls, failure, beginExchange, onAnswer });
  const endpoint = guardEndpoint(unguarded, (token) => isTokenAccepted && token === botToken);
  const shared = { bot, people, rooms, endpoint };
  const app = createWireApp();
  app.use("/v1", createDirectoryApi(shared));
  app.use("/v1", createMessagesApi({ ...shared, messages, announce }));
  app.use("/v1", createWebhooksApi({ hooks, endpoint }));
  for (const path of knownPaths)
    app.all(`/v1${path}`, endpoint("unknown", refuse(405, "Method Not Allowed")));
  app.use(endpoint("unknown", refuse(404, "The requested resource could not be found.")));
  app.use(refuseUnreadable(() => failure(400, "The request could not be read.")));
  const { origin, connections, close } = await listen(app, options.port);

  return {
    apiUrl: `${origin}/v1`,
    bot: { id: bot.id, email: botEmail, displayName: botName },
    faults,
    ...humans,
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
    calls,
    connections,
    deliveries,
    delivery,
    settled: courier.settled,
    async stop() {
      courier.stop();
      await close();
    },
  };
}

function refuse(status: 404 | 405, message: string): Work {
  return () => {
    throw refusal(status, message);
  };
}
