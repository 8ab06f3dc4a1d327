import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { createSender, type Sender } from "../soak/sender.ts";
import {
  anIncomingChat,
  anIncomingEvent,
  anIncomingLivechatEvent,
  aWebexDelivery,
} from "../support/deliveries.ts";
import { startTestServer } from "../support/server.ts";

// Nothing listens at these addresses: an installation gets as far as 502, jobs wait.
const SETTINGS = {
  LIVECHAT_CLIENT_ID: "client-invented",
  LIVECHAT_CLIENT_SECRET: "secret-invented",
  LIVECHAT_WEBHOOK_SECRET: "webhook-secret-of-the-app",
  LIVECHAT_ACCOUNTS_URL: "http://127.0.0.1:9",
  LIVECHAT_API_URL: "http://127.0.0.1:9",
  CHATIO_CLIENT_ID: "client-invented",
  CHATIO_CLIENT_SECRET: "secret-invented",
  CHATIO_ACCOUNTS_URL: "http://127.0.0.1:9",
  CHATIO_API_URL: "http://127.0.0.1:9",
  WT_API_TOKEN: "token-invented",
  WT_API_URL: "http://127.0.0.1:9/v1",
  LOG_LEVEL: "silent",
};

function senderTo(url: string): Sender["send"] {
  const sender = createSender(url);
  onTestFinished(sender.close);
  return sender.send;
}

/** Anything that JSON can hold, often in the place of something that a webhook has. */
function nearlyA(delivery: Record<string, unknown>): fc.Arbitrary<string> {
  const paths = Object.keys(delivery);
  const broken = fc
    .tuple(fc.constantFrom(...paths), fc.jsonValue())
    .map(([name, value]) => ({ ...delivery, [name]: value }));
  const within = fc
    .tuple(fc.constantFrom("id", "roomId", "event", "chat_id", "chat"), fc.jsonValue())
    .map(([name, value]) => {
      const part = "payload" in delivery ? "payload" : "data";
      return { ...delivery, [part]: { ...Object(delivery[part]), [name]: value } };
    });
  return fc.oneof(broken, within, fc.jsonValue()).map((value) => JSON.stringify(value));
}

const ALLOWED = [200, 400, 401, 413, 415, 429];

test("whatever is delivered, the answer is one of those that are specified", async () => {
  const send = senderTo((await startTestServer(SETTINGS)).url);
  const bodies = fc.oneof(
    nearlyA(aWebexDelivery()),
    nearlyA(anIncomingEvent()),
    nearlyA(anIncomingLivechatEvent()),
    nearlyA(anIncomingChat()),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 2000 }),
  );
  const types = fc.constantFrom(
    "application/json",
    "application/json;charset=UTF-8",
    "text/plain",
    "application/x+json",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("/webhook", "/livechat/webhook", "/wtwebhook"),
      bodies,
      types,
      async (path, body, type) => {
        expect(ALLOWED).toContain(await send("POST", path, body, { "content-type": type }));
      },
    ),
    { numRuns: 600 },
  );
});

test.each(["/token", "/livechat/token"])(
  "whatever stands in the address of %s, the answer is a page with 400, 429 or 502",
  async (path) => {
    const send = senderTo((await startTestServer(SETTINGS)).url);
    const names = fc.constantFrom(
      "code",
      "state",
      "error",
      "oauth_exception",
      "code[]",
      "code[a]",
      "__proto__",
      "x",
    );
    const values = fc
      .oneof(fc.string({ unit: "binary" }), fc.string({ maxLength: 3000 }))
      .map((text) => encodeURIComponent(text.toWellFormed()));
    const queries = fc
      .array(fc.tuple(names, fc.oneof(values, fc.constantFrom("%", "%zz", "%00", "/", "+"))))
      .map((pairs) => pairs.map((pair) => pair.join("=")).join("&"));
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        expect([400, 429, 502]).toContain(await send("GET", `${path}?${query}`));
      }),
      { numRuns: 150 },
    );
  },
);
