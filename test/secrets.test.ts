import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCipher, fingerprint, hmacHex, isSame, randomSecret } from "../src/secrets.ts";

describe("encryption at rest", () => {
  test("what was sealed can be opened with the same secret in the same context, and with no other", () => {
    const cipher = createCipher("client-secret-1");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, context) => {
        const sealed = cipher.seal(text, context);
        // The key depends only on the secret, so a restart changes nothing.
        expect(createCipher("client-secret-1").open(sealed, context)).toBe(text);
        expect(cipher.open(sealed, `${context}1`)).toBeNull();
      }),
      { numRuns: 20 },
    );
    const sealed = cipher.seal("token", "installation 1520");
    expect(cipher.open(sealed, "")).toBeNull();
    for (const secret of ["client-secret-2", "client-secret-1 ", ""])
      expect(createCipher(secret).open(sealed, "installation 1520")).toBeNull();
  });

  test("a single altered bit, anywhere, makes it unreadable", () => {
    const cipher = createCipher("client-secret-1");
    const sealed = cipher.seal("token", "installation 1520");
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(cipher.open(altered, "installation 1520")).toBeNull();
    }
  });

  test("garbage, or too few bytes, is unreadable and throws nothing", () => {
    const cipher = createCipher("client-secret-1");
    const sealed = cipher.seal("token", "c");
    for (let length = 0; length < sealed.length; length += 1) {
      expect(cipher.open(sealed.subarray(0, length), "c")).toBeNull();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(cipher.open(bytes, "c")).toBeNull();
      }),
    );
  });

  test("an earlier secret opens what it has sealed; the current one seals", () => {
    const [earlier, current] = [
      createCipher("client-secret-1"),
      createCipher("client-secret-2", ["client-secret-1"]),
    ];
    expect(current.open(earlier.seal("text", "c"), "c")).toBe("text");
    expect(current.open(earlier.seal("text", "c"), "another context")).toBeNull();
    expect(earlier.open(current.seal("text", "c"), "c")).toBeNull();
    expect(current.earlierKeyIds).toEqual([earlier.keyId]);
    expect(current.keyId).toBe(createCipher("client-secret-2").keyId);
  });

  test("the same text is sealed differently each time, and never contains itself", () => {
    const cipher = createCipher("client-secret-1");
    const all = Array.from({ length: 100 }, () => cipher.seal("access-token-invented", "c"));
    expect(new Set(all.map((sealed) => sealed.toString("hex")))).toHaveLength(100);
    // The first 12 bytes are the nonce, which must never come again under one key.
    expect(new Set(all.map((sealed) => sealed.toString("hex", 0, 12)))).toHaveLength(100);
    for (const sealed of all) expect(sealed.includes("access")).toBe(false);
  });
});

test("only equal strings are the same", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => isSame(a, b) === (a === b)));
  fc.assert(fc.property(fc.string(), (a) => isSame(a, a) && !isSame(a, `${a} `) && !isSame(`${a}x`, a)));
  expect(isSame("", "")).toBe(true);
  expect(isSame("secret", "Secret")).toBe(false);
  expect(isSame("ä", "a\u0308")).toBe(false);
});

test("signatures are those of the known test vectors (RFC 4231, RFC 2202, case 2)", () => {
  const bytes = Buffer.from("what do ya want for nothing?");
  expect(hmacHex("sha1", "Jefe", bytes)).toBe("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  expect(hmacHex("sha256", "Jefe", bytes)).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
  expect(hmacHex("sha512", "Jefe", bytes)).toBe(
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
  );
});

test("a fingerprint identifies a secret without revealing it", () => {
  expect(fingerprint("webhook-secret-1")).toBe(fingerprint("webhook-secret-1"));
  expect(fingerprint("webhook-secret-1")).not.toBe(fingerprint("webhook-secret-2"));
  expect(fingerprint("webhook-secret-1")).not.toContain("webhook");
  // SHA-256 of "abc", as FIPS 180-2 gives it: what is stored today must be found by tomorrow's release.
  expect(fingerprint("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("a new secret has 256 bits, fits into a URL, and is never repeated", () => {
  const secrets = Array.from({ length: 1000 }, randomSecret);
  expect(new Set(secrets)).toHaveLength(1000);
  for (const secret of secrets) {
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect(encodeURIComponent(secret)).toBe(secret);
  }
});
