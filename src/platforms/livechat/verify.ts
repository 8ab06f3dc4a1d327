import { z } from "zod";
import { Unauthentic } from "../../errors.ts";
import { isSame } from "../../secrets.ts";

/** LiveChat signs nothing: the proof of origin is the secret with which the app's webhooks were registered. */
const signed = z.object({ secret_key: z.string().min(1).max(1000) });

/** Whether the delivery holds the secret. Throws Unauthentic. */
export function verifySecret(delivery: unknown, webhookSecret: string): void {
  const read = signed.safeParse(delivery);
  if (!read.success) throw new Unauthentic("The delivery has no secret_key.");
  if (!isSame(read.data.secret_key, webhookSecret))
    throw new Unauthentic("The delivery's secret_key is not LIVECHAT_WEBHOOK_SECRET.");
}
