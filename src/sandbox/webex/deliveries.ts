import { createHmac } from "node:crypto";
import type { Attempt, Courier } from "../courier.ts";
import type { Message } from "./messages.ts";
import type { Hooks, Webhook } from "./webhooks.ts";

/** An attempt to deliver a message to a hook. */
export type DeliveryRecord = Attempt & { hookId: string; messageId: string };

export type WebexDeliverySettings = {
  /** Which signature headers a delivery carries; "wrong" means both, made with another secret. */
  signature: "both" | "spark" | "webex" | "none" | "wrong";
};

/** Tells the hooks of a new message. Resolves when each delivery is answered or given up. */
export type Announce = (message: Message) => Promise<void>;

export function createAnnounce(context: {
  hooks: Hooks;
  courier: Courier;
  delivery: WebexDeliverySettings;
  deliveries: DeliveryRecord[];
  onChange: () => void;
}): Announce {
  const { hooks, courier, delivery, deliveries, onChange } = context;

  function deliver(hook: Webhook, message: Message) {
    const { secret: _secret, ...described } = hook;
    const about = { resource: "messages", event: "created", actorId: message.personId };
    const body = JSON.stringify({ ...described, ...about, data: withoutContent(message) });
    return courier.send({
      lane: `${hook.id} ${message.roomId}`,
      url: hook.targetUrl,
      body,
      headers: () => ({
        "content-type": "application/json;charset=UTF-8",
        ...signatureHeaders(body, hook.secret, delivery.signature),
      }),
      isWanted: () => hooks.find(hook.id)?.status === "active",
      attempted(attempt) {
        deliveries.push({ hookId: hook.id, messageId: message.id, ...attempt });
        const { status } = attempt;
        if (status === null || status < 200 || status >= 300) hooks.countFailure(hook);
      },
    });
  }

  return async (message) => {
    onChange();
    await Promise.all(hooks.listening(message).map((hook) => deliver(hook, message)));
  };
}

/** The content is end-to-end encrypted and never part of a delivery. */
function withoutContent(message: Message) {
  const { id, roomId, roomType, personId, personEmail, mentionedPeople, created } = message;
  return { id, roomId, roomType, personId, personEmail, mentionedPeople, created };
}

/** The signature headers over exactly these bytes; none if the hook has no secret. */
function signatureHeaders(
  body: string,
  secret: string | undefined,
  mode: WebexDeliverySettings["signature"],
): Record<string, string> {
  if (secret === undefined || mode === "none") return {};
  const key = mode === "wrong" ? `not ${secret}` : secret;
  const hmac = (algorithm: string) => createHmac(algorithm, key).update(body).digest("hex");
  const spark = { "x-spark-signature": hmac("sha1") };
  const webex = { "x-webex-signature": `SHA-256=${hmac("sha256")}, SHA-512=${hmac("sha512")}` };
  if (mode === "spark") return spark;
  return mode === "webex" ? webex : { ...spark, ...webex };
}
