import { Unauthentic } from "../../errors.ts";
import { fingerprint } from "../../secrets.ts";
import type { Installation, Installations } from "../../store/store.ts";
import { secretKeyOf } from "../keyword-bot/secret-key.ts";

/**
 * Finds the installation by the secret in the delivery. So we also learn which license it is from. chat.io signs nothing:
 * the body carries the installation's secret. Throws Unauthentic and StoreError.
 */
export async function verifySecret(delivery: unknown, installations: Installations): Promise<Installation> {
  const installation = await installations.findByLookup(fingerprint(secretKeyOf(delivery)));
  if (!installation) throw new Unauthentic("The delivery's secret_key belongs to no installation.");
  return installation;
}
