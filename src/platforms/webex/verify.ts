import type { IncomingHttpHeaders } from "node:http";
import { Unauthentic } from "../../errors.ts";
import { hmacHex, isSame } from "../../secrets.ts";

type Algorithm = "sha1" | "sha256" | "sha512";
type Signature = { algorithm: Algorithm; hex: string };

/** Strongest first. */
const NAMED: readonly { name: string; algorithm: Algorithm; digits: number }[] = [
  { name: "sha-512", algorithm: "sha512", digits: 128 },
  { name: "sha-256", algorithm: "sha256", digits: 64 },
];

/**
 * Checks that the bytes were signed with the secret. `X-Webex-Signature` (`SHA-256=<hex>, SHA-512=<hex>`) is the newer
 * header and not always sent; where it is, its strongest signature decides, and the SHA-1 one of `X-Spark-Signature`
 * cannot stand in for it. Throws Unauthentic, for a missing signature, too.
 */
export function verifySignature(body: Buffer, headers: IncomingHttpHeaders, secret: string): void {
  const signature = strongest(headers["x-webex-signature"]) ?? sparkSignature(headers["x-spark-signature"]);
  if (!signature) throw new Unauthentic("The delivery is not signed, or not in a known way.");
  if (!isSame(hmacHex(signature.algorithm, secret, body), signature.hex)) {
    throw new Unauthentic("The signature does not fit the delivery.");
  }
}

function strongest(header: string | string[] | undefined): Signature | null {
  const parts = [header ?? []].flat().join(",").split(",");
  const given = new Map(parts.map((part) => namedPart(part)));
  for (const { name, algorithm, digits } of NAMED) {
    const hex = given.get(name);
    if (hex !== undefined && isHex(hex, digits)) return { algorithm, hex };
  }
  return null;
}

function namedPart(part: string): [name: string, value: string] {
  const [name = "", ...value] = part.split("=");
  return [name.trim().toLowerCase(), value.join("=").trim().toLowerCase()];
}

function sparkSignature(header: string | string[] | undefined): Signature | null {
  const hex = [header ?? []].flat().join(",").trim().toLowerCase();
  return isHex(hex, 40) ? { algorithm: "sha1", hex } : null;
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/.test(text);
}
