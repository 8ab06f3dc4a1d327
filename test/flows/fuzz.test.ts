import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { createSender, type Sender } from "../soak/sender.ts";
import { ANY_CHARACTER } from "../support/any-character.ts";
import {
  anIncomingChat,
  anIncomingEvent,
  anIncomingLivechatEvent,
  aWebexDelivery,
} from "../support/deliveries.ts";
import { anOrganization, WEBHOOK_SECRET } from "../support/livechat.ts";
import { startTestServer } from "../support/server.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

// Nothing listens at these addresses: installing gets as far as 502, jobs wait.
const SETTINGS = {
  CHATIO_CLIENT_ID: "client-invented",
  CHATIO_CLIENT_SECRET: "secret-invented",
  CHATIO_ACCOUNTS_URL: "http://127.0.0.1:9",
  CHATIO_API_URL: "http://127.0.0.1:9",
  LIVECHAT_CLIENT_ID: "client-invented",
  LIVECHAT_CLIENT_SECRET: "secret-invented",
  LIVECHAT_WEBHOOK_SECRET: WEBHOOK_SECRET,
  LIVECHAT_ACCOUNTS_URL: "http://127.0.0.1:9",
  LIVECHAT_API_URL: "http://127.0.0.1:9",
  WT_API_TOKEN: "token-invented",
  WT_API_URL: "http://127.0.0.1:9/v1",
  LOG_LEVEL: "silent",
};

function senderTo(url: string): Sender["send"] {
  const sender = createSender(url);
  onTestFinished(sender.close);
  return sender.send;
}

/** The delivery with one of its values, at any depth, replaced by anything that JSON can hold. */
function nearlyA(delivery: Record<string, unknown>): fc.Arbitrary<string> {
  let values = 0;
  JSON.stringify(delivery, (_name, value) => {
    values += 1;
    return value;
  });
  return fc.tuple(fc.nat(values - 1), fc.jsonValue()).map(([at, put]) => {
    let passed = -1;
    return JSON.stringify(delivery, (_name, value) => {
      passed += 1;
      return passed === at ? put : value;
    });
  });
}

/** A server on which the Pizza BOT is installed in LiveChat's organization. */
async function startInstalled() {
  const path = join(temporaryFolder(), "test.db");
  const store = openTestStore(path, SETTINGS.LIVECHAT_CLIENT_SECRET);
  await store.installations.of("livechat").save(anOrganization());
  await store.close();
  return startTestServer({ ...SETTINGS, DATABASE_URL: `file:${path}` });
}

const ALLOWED = [200, 400, 401, 413, 415, 429];

test("whatever is delivered, the answer is one of those that are specified", async () => {
  const send = senderTo((await startInstalled()).url);
  const bodies = fc.oneof(
    nearlyA(aWebexDelivery()),
    nearlyA(anIncomingEvent()),
    nearlyA(anIncomingLivechatEvent()),
    nearlyA(anIncomingChat()),
    fc.string({ unit: ANY_CHARACTER }),
    fc.uint8Array({ maxLength: 2000 }),
  );
  const paths = fc.constantFrom("/webhook", "/livechat/webhook", "/wtwebhook");
  const types = fc.constantFrom(
    "application/json",
    "application/json;charset=UTF-8",
    "text/plain",
    "application/x+json",
  );
  await fc.assert(
    fc.asyncProperty(paths, bodies, types, async (path, body, type) => {
      expect(ALLOWED).toContain(await send("POST", path, body, { "content-type": type }));
    }),
    { numRuns: 600 },
  );
});

test.each(["/token", "/livechat/token"])(
  "whatever the address of %s holds, the answer is a page with 400, 429 or 502",
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
      .oneof(fc.string({ unit: ANY_CHARACTER }), fc.string({ maxLength: 3000 }))
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
