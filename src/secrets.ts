import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/** A new secret of 256 random bits, safe in URLs and JSON. */
export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

const LEAST_PASSWORD_CHARACTERS = 12;

/** Whether somebody could guess it in time, although guesses are slowed down. */
export function isShortPassword(password: string): boolean {
  return password.length < LEAST_PASSWORD_CHARACTERS;
}

/** Whether two strings are equal, compared in constant time. */
export function isSame(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

/** Lower-case hex HMAC of the bytes. */
export function hmacHex(algorithm: "sha1" | "sha256" | "sha512", secret: string, bytes: Buffer): string {
  return createHmac(algorithm, secret).update(bytes).digest("hex");
}

/** SHA-256 of a long random secret, to find it without storing it. Not for passwords, which can be guessed. */
export function fingerprint(secret: string): string {
  return hash("sha256", secret, "hex");
}

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encryption at rest. `context` is bound in: what was sealed in one context cannot be opened in another. */
export type Cipher = {
  /** Identifies the key that `seal` uses, without revealing it. The same secret always has the same id. */
  readonly keyId: string;
  /** The ids of earlier keys, which only `open` uses. */
  readonly earlierKeyIds: readonly string[];
  seal(text: string, context: string): Buffer;
  /** null: it was sealed with an unknown secret or in another context, or was altered. */
  open(sealed: Uint8Array, context: string): string | null;
};

/**
 * A cipher (AES-256-GCM) with keys derived from the secrets.
 *
 * @param secret for `seal` and `open`
 * @param earlierSecrets for `open` only
 */
export function createCipher(secret: string, earlierSecrets: readonly string[] = []): Cipher {
  const current = keyOf(secret);
  const earlier = earlierSecrets.map(keyOf);
  return {
    keyId: current.id,
    earlierKeyIds: earlier.map(({ id }) => id),
    seal: (text, context) => sealWith(current.bytes, text, context),
    open(sealed, context) {
      for (const { bytes } of [current, ...earlier]) {
        const text = openWith(bytes, sealed, context);
        if (text !== null) return text;
      }
      return null;
    },
  };
}

function keyOf(secret: string): { id: string; bytes: Buffer } {
  const derive = (info: string, bytes: number) => Buffer.from(hkdfSync("sha256", secret, "", info, bytes));
  return {
    id: derive("chatops-server id of that key", 8).toString("hex"),
    bytes: derive("chatops-server encryption at rest", 32),
  };
}

function sealWith(key: Buffer, text: string, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function openWith(key: Buffer, sealed: Uint8Array, context: string): string | null {
  const bytes = Buffer.from(sealed);
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}
