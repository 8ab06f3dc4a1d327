import { z } from "zod";
import { Unauthentic } from "../../errors.ts";

/** These platforms sign nothing: the proof of origin is a secret in the body. */
const withSecretKey = z.object({ secret_key: z.string().min(1).max(1000) });

/** The secret in a delivery; whether it is the right one is still to be seen. Throws Unauthentic. */
export function secretKeyOf(delivery: unknown): string {
  const read = withSecretKey.safeParse(delivery);
  if (!read.success) throw new Unauthentic("The delivery has no secret_key.");
  return read.data.secret_key;
}
