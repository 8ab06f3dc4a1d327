import nock from "nock";
import request from "supertest";
import { expect, test, vi } from "vitest";
import type { Environment } from "../../../src/config/config.ts";
import { aWebexDelivery, webexSignatures } from "../../support/deliveries.ts";
import { forbidNetwork } from "../../support/network.ts";
import { startTestServer } from "../../support/server.ts";
import { CHATIO_SETTINGS, WEBEX_SETTINGS } from "../../support/settings.ts";

forbidNetwork();

async function startServer(settings: Environment = WEBEX_SETTINGS) {
  const { url, sink } = await startTestServer(settings);
  const post = (body: string, headers: Record<string, string> = {}) =>
    request(url).post("/wtwebhook").set("Content-Type", "application/json").set(headers).send(body);
  return {
    sink,
    post,
    postSigned: (body: string) => post(body, webexSignatures(body, "signing-secret-invented")),
  };
}

const DELIVERY = JSON.stringify(aWebexDelivery());

/** The message will be gone when it is asked for, which ends the job; resolves once it was. */
function messageIsGone(): { asked: () => Promise<void> } {
  const scope = nock("https://webexapis.com").get("/v1/messages/MSG1").reply(404);
  return { asked: () => vi.waitFor(() => scope.done()) };
}

test("a new message is accepted, and a duplicate the second time, even by another webhook", async () => {
  const { postSigned } = await startServer();
  const message = messageIsGone();

  await postSigned(DELIVERY).expect(200, { status: "accepted" });
  await postSigned(DELIVERY).expect(200, { status: "duplicate" });
  await postSigned(JSON.stringify(aWebexDelivery({ id: "HOOK2" }))).expect(200, { status: "duplicate" });
  await message.asked();
});

test("anything but a new message is ignored", async () => {
  const { postSigned } = await startServer();

  const memberships = aWebexDelivery({ resource: "memberships" });
  await postSigned(JSON.stringify(memberships)).expect(200, { status: "ignored" });
  await postSigned(JSON.stringify(aWebexDelivery({ event: "deleted" }))).expect(200, { status: "ignored" });
});

test.each([
  ["X-Spark-Signature alone", "X-Spark-Signature"],
  ["X-Webex-Signature alone", "X-Webex-Signature"],
])("%s is enough", async (_name, header) => {
  const { post } = await startServer();
  const message = messageIsGone();
  const signature = webexSignatures(DELIVERY, "signing-secret-invented")[header] ?? "";

  await post(DELIVERY, { [header]: signature }).expect(200, { status: "accepted" });
  await message.asked();
});

const UNSIGNED = "The delivery is unsigned, or signed in an unknown way.";
const WRONG = "The signature does not match the delivery.";

test("with a secret set, a delivery without a signature is 401, whatever it contains", async () => {
  const { post } = await startServer();

  await post(DELIVERY).expect(401, { error: UNSIGNED });
  await post("{").expect(401, { error: UNSIGNED });
  await post("").expect(401, { error: UNSIGNED });
});

test.each([
  ["of another secret", () => webexSignatures(DELIVERY, "another")],
  ["of other bytes", () => webexSignatures(`${DELIVERY} `, "signing-secret-invented")],
])("a signature %s is 401", async (_name, headers) => {
  const { post, sink } = await startServer();

  await post(DELIVERY, headers()).expect(401, { error: WRONG });

  expect(sink.messages()).toContain(`Refused: ${WRONG}`);
});

test("a malformed X-Webex-Signature is 401, even with a correct older X-Spark-Signature", async () => {
  const { post, sink } = await startServer();
  const signatures = webexSignatures(DELIVERY, "signing-secret-invented");
  const error = "The X-Webex-Signature header has no SHA-256 or SHA-512 signature.";

  for (const malformed of ["sha256", "SHA-256=0", ""]) {
    await post(DELIVERY, { ...signatures, "X-Webex-Signature": malformed }).expect(401, { error });
  }

  expect(sink.messages()).toContain(`Refused: ${error}`);
});

test("letters beyond ASCII are signed as bytes", async () => {
  const { postSigned } = await startServer();
  const message = messageIsGone();

  await postSigned(JSON.stringify(aWebexDelivery({ name: "glöbobot 🍕" }))).expect(200, {
    status: "accepted",
  });

  await message.asked();
});

test.each([
  ["no JSON", "{", "The body is not JSON."],
  [
    "no event",
    JSON.stringify(aWebexDelivery({ event: undefined })),
    "The body is not a webhook of this platform: it needs resource, event and data.",
  ],
  [
    "an id that leads elsewhere",
    JSON.stringify(aWebexDelivery({ data: { id: "../people/me" } })),
    "The body is not a webhook of this platform: it needs data.id, and data.roomId if any, as Webex ids.",
  ],
])("a signed delivery with %s is 400", async (_name, body, error) => {
  const { postSigned } = await startServer();

  await postSigned(body).expect(400, { error });
});

test("without a secret, unsigned deliveries are accepted, and the start log warns", async () => {
  const { post, sink } = await startServer({ ...WEBEX_SETTINGS, WT_WEBHOOK_SECRET: "" });
  const message = messageIsGone();

  await post(DELIVERY).expect(200, { status: "accepted" });
  await message.asked();

  expect(sink.messages()).toContain(
    "WT_WEBHOOK_SECRET is not set: anyone who knows the URL can send deliveries to /wtwebhook.",
  );
});

test("if Webex is not set up, a delivery is 503", async () => {
  const { post } = await startServer(CHATIO_SETTINGS);

  await post(DELIVERY).expect(503, { error: "Webex is not set up on this server: WT_API_TOKEN is missing." });
});
