import { randomUUID } from "node:crypto";
import type { Courier } from "../courier.ts";
import type { Hooks, MessageEvent, Webhook } from "./hooks.ts";
import type { Message } from "./messages.ts";
import { type SignatureMode, signatureHeaders } from "./sign.ts";

/** One attempt to deliver a message to one hook; all attempts and copies share the `id`. */
export type DeliveryRecord = {
  id: string;
  hookId: string;
  messageId: string;
  /** Null when there was no answer. */
  status: number | null;
  attempt: number;
};

export type WebexDeliverySettings = { signature: SignatureMode };

/** Tells the hooks of a message; `actorId` is who wrote or deleted it. */
export type Announce = (event: MessageEvent, message: Message, actorId: string) => Promise<void>;

export function createAnnounce(context: {
  hooks: Hooks;
  courier: Courier;
  settings: WebexDeliverySettings;
  deliveries: DeliveryRecord[];
  onChange: () => void;
}): Announce {
  const { hooks, courier, settings, deliveries, onChange } = context;

  function deliver(hook: Webhook, event: MessageEvent, message: Message, actorId: string) {
    const { secret: _secret, ...described } = hook;
    const data = withoutContent(message);
    const body = JSON.stringify({ ...described, resource: "messages", event, actorId, data });
    const about = { id: randomUUID(), hookId: hook.id, messageId: message.id };
    return courier.send({
      lane: `${hook.id} ${message.roomId}`,
      url: hook.targetUrl,
      body,
      headers: () => ({
        "content-type": "application/json;charset=UTF-8",
        ...signatureHeaders(body, hook.secret, settings.signature),
      }),
      isWanted: () => hooks.find(hook.id)?.status === "active",
      attempted(attempt, status) {
        deliveries.push({ ...about, status, attempt });
        if (status === null || status < 200 || status >= 300) hooks.countFailure(hook);
      },
    });
  }

  return async (event, message, actorId) => {
    onChange();
    const listening = hooks.listening(event, message);
    await Promise.all(listening.map((hook) => deliver(hook, event, message, actorId)));
  };
}

/** The content is end-to-end encrypted and never part of a delivery. */
function withoutContent(message: Message) {
  const { id, roomId, roomType, personId, personEmail, mentionedPeople, created } = message;
  return { id, roomId, roomType, personId, personEmail, mentionedPeople, created };
}
