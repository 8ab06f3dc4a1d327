import type { IncomingHttpHeaders } from "node:http";
import { Unauthentic } from "../../errors.ts";
import { hmacHex, isSame } from "../../secrets.ts";

type Algorithm = "sha1" | "sha256" | "sha512";
/** The algorithm to check with, and every value that the header gives for it: all must be right. */
type Signature = { algorithm: Algorithm; hexes: readonly string[] };

/** Strongest first. */
const NAMED: readonly { name: string; algorithm: Algorithm; digits: number }[] = [
  { name: "sha-512", algorithm: "sha512", digits: 128 },
  { name: "sha-256", algorithm: "sha256", digits: 64 },
];

/**
 * Checks that the bytes were signed with the secret. `X-Webex-Signature` (`SHA-256=<hex>, SHA-512=<hex>`) is the newer
 * header, which Webex does not always send. If present, it alone decides: all values of the strongest algorithm with a
 * well-formed value are checked, and the SHA-1 of `X-Spark-Signature` never replaces it. Throws Unauthentic, also if there
 * is no signature.
 */
export function verifySignature(body: Buffer, headers: IncomingHttpHeaders, secret: string): void {
  const { algorithm, hexes } = signatureOf(headers);
  const right = hmacHex(algorithm, secret, body);
  if (!hexes.every((hex) => isSame(right, hex))) {
    throw new Unauthentic("The signature does not match the delivery.");
  }
}

function signatureOf(headers: IncomingHttpHeaders): Signature {
  const header = headers["x-webex-signature"];
  return header === undefined ? sparkSignature(headers["x-spark-signature"]) : strongest(header);
}

function strongest(header: string | string[]): Signature {
  const parts = [header].flat().join(",").split(",").map(namedPart);
  for (const { name, algorithm, digits } of NAMED) {
    const hexes = parts.filter((part) => part.name === name && isHex(part.value, digits));
    if (hexes.length > 0) return { algorithm, hexes: hexes.map(({ value }) => value) };
  }
  throw new Unauthentic("The X-Webex-Signature header has no SHA-256 or SHA-512 signature.");
}

function namedPart(part: string): { name: string; value: string } {
  const [name = "", ...value] = part.split("=");
  return { name: name.trim().toLowerCase(), value: value.join("=").trim().toLowerCase() };
}

function sparkSignature(header: string | string[] | undefined): Signature {
  const hex = [header ?? []].flat().join(",").trim().toLowerCase();
  if (!isHex(hex, 40)) throw new Unauthentic("The delivery is unsigned, or signed in an unknown way.");
  return { algorithm: "sha1", hexes: [hex] };
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/.test(text);
}
