import { createHmac } from "node:crypto";
import { randomSecret } from "../secrets.ts";
import type { Config } from "./config.ts";

/**
 * Signs what browsers bring back. It follows from the secrets that all servers share, so that what one has signed is good at
 * another, and after a restart. Without any secret, it is random.
 */
export function signingKeyOf({ encryptionKey, livechat, chatio, webex, operatorPassword }: Config): string {
  const secrets = [
    encryptionKey,
    livechat?.clientSecret,
    chatio?.clientSecret,
    webex?.token,
    operatorPassword,
  ];
  const known = secrets.filter((secret) => secret != null);
  if (known.length === 0) return randomSecret();
  return createHmac("sha256", JSON.stringify(known)).update("chatops-server signs").digest("base64url");
}
