import { Unauthentic } from "../../errors.ts";
import { isSame } from "../../secrets.ts";
import { secretKeyOf } from "../keyword-bot/secret-key.ts";

/** Checks the secret with which the app's webhooks were registered. Throws Unauthentic. */
export function verifySecret(delivery: unknown, webhookSecret: string): void {
  if (!isSame(secretKeyOf(delivery), webhookSecret))
    throw new Unauthentic("The delivery's secret_key is not LIVECHAT_WEBHOOK_SECRET.");
}
