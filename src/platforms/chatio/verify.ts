import { z } from "zod";
import { Unauthentic } from "../../errors.ts";
import { fingerprint } from "../../secrets.ts";
import type { Installation, Installations } from "../../store/store.ts";

/** chat.io signs nothing: the proof of origin is a secret in the body, which also tells the license. */
const signed = z.object({ secret_key: z.string().min(1).max(1000) });

/** The installation whose secret is in the delivery. Throws Unauthentic and StoreError. */
export async function verifySecret(delivery: unknown, installations: Installations): Promise<Installation> {
  const read = signed.safeParse(delivery);
  if (!read.success) throw new Unauthentic("The delivery has no secret_key.");
  const installation = await installations.findByLookup(fingerprint(read.data.secret_key));
  if (!installation) throw new Unauthentic("The delivery's secret_key belongs to no installation.");
  return installation;
}
