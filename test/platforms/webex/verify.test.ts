import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Unauthentic } from "../../../src/errors.ts";
import { verifySignature } from "../../../src/platforms/webex/verify.ts";
import { ANY_CHARACTER } from "../../support/any-character.ts";
import { webexSignatures } from "../../support/deliveries.ts";

const SECRET = "signing-secret-invented";
const BODY = '{"resource":"messages", "event":"created"}';

const hmac = (algorithm: string, body = BODY, secret = SECRET) =>
  createHmac(algorithm, secret).update(body).digest("hex");
const sha1 = hmac("sha1");
const sha256 = hmac("sha256");
const sha512 = hmac("sha512");

function verify(headers: Record<string, string | string[]>, body = BODY) {
  return () => verifySignature(Buffer.from(body), headers, SECRET);
}

const NOT_SIGNED = new Unauthentic("The delivery is unsigned, or signed in an unknown way.");
const WRONG = new Unauthentic("The signature does not match the delivery.");

function lowerCased(headers: Record<string, string>) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

test.each([
  ["SHA-1 alone", { "x-spark-signature": sha1 }],
  ["SHA-1 in upper case", { "x-spark-signature": sha1.toUpperCase() }],
  ["SHA-1 with blanks around", { "x-spark-signature": ` ${sha1} ` }],
  ["SHA-256 alone", { "x-webex-signature": `SHA-256=${sha256}` }],
  ["SHA-512 alone", { "x-webex-signature": `SHA-512=${sha512}` }],
  ["the documented order", { "x-webex-signature": `SHA-256=${sha256}, SHA-512=${sha512}` }],
  ["the other order", { "x-webex-signature": `SHA-512=${sha512},SHA-256=${sha256}` }],
  ["names in lower case, hex in upper", { "x-webex-signature": `sha-256=${sha256.toUpperCase()}` }],
  ["blanks around", { "x-webex-signature": `  SHA-256 = ${sha256} ,  ` }],
  ["unknown parts", { "x-webex-signature": `t=1, SHA-3=${sha256}, ,SHA-256=${sha256}` }],
  [
    "a SHA-512 that is cut off beside a whole SHA-256",
    { "x-webex-signature": `SHA-512=ab, SHA-256=${sha256}` },
  ],
  ["a header sent twice", { "x-webex-signature": [`SHA-256=${sha256}`, "SHA-3=00"] }],
  ["a list of one SHA-1", { "x-spark-signature": [sha1] }],
  [
    "a SHA-256 named twice, right both times",
    { "x-webex-signature": `SHA-256=${sha256}, SHA-256=${sha256}` },
  ],
  ["a SHA-256 named twice, once cut off", { "x-webex-signature": `SHA-256=${sha256}, SHA-256=ab` }],
  [
    "a newer header beside a wrong older one",
    { "x-webex-signature": `SHA-256=${sha256}`, "x-spark-signature": "no" },
  ],
])("%s is genuine", (_name, headers) => {
  expect(verify(headers)).not.toThrow();
});

test.each([
  ["no header", {}],
  ["an empty header", { "x-spark-signature": "" }],
  ["half a SHA-1", { "x-spark-signature": sha1.slice(0, 20) }],
  ["a SHA-1 with extra characters", { "x-spark-signature": `${sha1}00` }],
  ["not hex", { "x-spark-signature": "g".repeat(40) }],
  ["two SHA-1 at once", { "x-spark-signature": [sha1, sha1] }],
  ["another platform's header", { "x-hub-signature": `sha1=${sha1}` }],
])("%s is not a signature", (_name, headers) => {
  expect(verify(headers)).toThrow(NOT_SIGNED);
});

test.each([
  ["nothing", ""],
  ["blanks and commas", " , ,"],
  ["a SHA-256 without its name", sha256],
  ["a SHA-256 under the name of SHA-512", `SHA-512=${sha256}`],
  ["a SHA-256 that is cut off", `SHA-256=${sha256.slice(1)}`],
  ["a SHA-256 with extra characters", `SHA-256=${sha256}00`],
  ["not hex", `SHA-256=${"g".repeat(64)}`],
  ["a SHA-1", `SHA-1=${sha1}`],
  ["a misspelled name", `SHA256=${sha256}`],
  ["a name alone", "SHA-256"],
])(
  "an X-Webex-Signature with %s is refused, and a right X-Spark-Signature does not help",
  (_name, header) => {
    const refusal = new Unauthentic("The X-Webex-Signature header has no SHA-256 or SHA-512 signature.");
    expect(verify({ "x-webex-signature": header })).toThrow(refusal);
    expect(verify({ "x-webex-signature": header, "x-spark-signature": sha1 })).toThrow(refusal);
    expect(verify({ "x-webex-signature": [header, "SHA-3=00"], "x-spark-signature": sha1 })).toThrow(refusal);
  },
);

test.each([
  ["a SHA-1 with another secret", { "x-spark-signature": hmac("sha1", BODY, "another") }],
  ["a SHA-1 of other bytes", { "x-spark-signature": hmac("sha1", `${BODY} `) }],
  ["a SHA-256 with another secret", { "x-webex-signature": `SHA-256=${hmac("sha256", BODY, "another")}` }],
  ["a SHA-512 of other bytes", { "x-webex-signature": `SHA-512=${hmac("sha512", "{}")}` }],
  [
    "a wrong SHA-512 beside a right SHA-256",
    { "x-webex-signature": `SHA-256=${sha256}, SHA-512=${"0".repeat(128)}` },
  ],
  [
    "a SHA-256 named twice, wrong at first",
    { "x-webex-signature": `SHA-256=${"0".repeat(64)}, SHA-256=${sha256}` },
  ],
  [
    "a SHA-256 named twice, wrong at last",
    { "x-webex-signature": `SHA-256=${sha256}, SHA-256=${"0".repeat(64)}` },
  ],
  [
    "a wrong SHA-256 beside a right SHA-1",
    { "x-webex-signature": `SHA-256=${"0".repeat(64)}`, "x-spark-signature": sha1 },
  ],
  ["all zeros", { "x-spark-signature": "0".repeat(40) }],
])("%s does not match", (_name, headers) => {
  expect(verify(headers)).toThrow(WRONG);
});

const header = fc.oneof(
  fc.string({ unit: ANY_CHARACTER }),
  fc.stringMatching(/^[0-9a-fA-F]{40}$/),
  fc.stringMatching(/^(SHA-(1|256|512)=[0-9a-f]{0,128},? ?){1,3}$/),
  fc.array(fc.string(), { maxLength: 3 }),
);

test("only a correct signature is accepted, and only Unauthentic is thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array(), header, header, (body, spark, webex) => {
      const headers = { "x-spark-signature": spark, "x-webex-signature": webex };
      expect(() => verifySignature(Buffer.from(body), headers, SECRET)).toThrow(Unauthentic);
    }),
    { numRuns: 500 },
  );
});

test("any signed bytes are genuine, but not with one byte more", () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER }), fc.string({ minLength: 1 }), (body, secret) => {
      const headers = lowerCased(webexSignatures(body, secret));
      expect(() => verifySignature(Buffer.from(body), headers, secret)).not.toThrow();
      expect(() => verifySignature(Buffer.from(`${body} `), headers, secret)).toThrow(WRONG);
      expect(() => verifySignature(Buffer.from(body), headers, `${secret}x`)).toThrow(WRONG);
    }),
  );
});
