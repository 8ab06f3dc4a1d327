import { createHmac } from "node:crypto";

/** Which signature headers a delivery carries; "wrong" means both, made with another secret. */
export type SignatureMode = "both" | "spark" | "webex" | "none" | "wrong";

/** The signature headers over exactly these bytes; none when the hook has no secret. */
export function signatureHeaders(
  body: string,
  secret: string | undefined,
  mode: SignatureMode,
): Record<string, string> {
  if (secret === undefined || mode === "none") return {};
  const key = mode === "wrong" ? `not ${secret}` : secret;
  const hmac = (algorithm: string) => createHmac(algorithm, key).update(body).digest("hex");
  const spark = { "x-spark-signature": hmac("sha1") };
  const webex = { "x-webex-signature": `SHA-256=${hmac("sha256")}, SHA-512=${hmac("sha512")}` };
  if (mode === "spark") return spark;
  return mode === "webex" ? webex : { ...spark, ...webex };
}
