import { z } from "zod";
import type { PlatformName } from "../job.ts";
import { type Cipher, createCipher } from "../secrets.ts";
import type { Credentials, Installation } from "./store.ts";

/** What encrypts a platform's credentials, always the same; null if it keeps none. */
export type CipherOf = (platform: PlatformName) => Cipher | null;

/** The secret that encrypts a platform's credentials, then those that may have done so before; none if it keeps none. */
export type EncryptionSecretsOf = (platform: PlatformName) => readonly string[];

export function createCiphers(secretsOf: EncryptionSecretsOf): CipherOf {
  const made = new Map<PlatformName, ReturnType<CipherOf>>();
  return (platform) => {
    const known = made.get(platform);
    if (known !== undefined) return known;
    const [secret, ...earlier] = secretsOf(platform);
    const cipher = secret === undefined ? null : createCipher(secret, earlier);
    made.set(platform, cipher);
    return cipher;
  };
}

const credentialsText = z.record(z.string(), z.string());

type Place = Pick<Installation, "platform" | "account">;

/** null: no key opens them, or this server never wrote them. */
export function openCredentials(
  cipher: Cipher,
  sealed: Uint8Array,
  { platform, account }: Place,
): Credentials | null {
  // Releases that knew only chat.io's licenses did not bind in the platform.
  const text =
    cipher.open(sealed, contextOf(platform, account)) ?? cipher.open(sealed, `installation ${account}`);
  if (text === null) return null;
  try {
    return credentialsText.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export function sealCredentials(cipher: Cipher, credentials: Credentials, { platform, account }: Place) {
  const text = JSON.stringify(credentials);
  return { credentials: cipher.seal(text, contextOf(platform, account)), sealedWith: cipher.keyId };
}

function contextOf(platform: PlatformName, account: string): string {
  return `installation ${platform}:${account}`;
}

export function isSameCredentials(stored: Credentials | null, expected: Credentials): boolean {
  if (stored === null) return false;
  const names = Object.keys(stored);
  return (
    names.length === Object.keys(expected).length && names.every((name) => stored[name] === expected[name])
  );
}
