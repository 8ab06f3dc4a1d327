import nock from "nock";
import request from "supertest";
import { expect, test, vi } from "vitest";
import type { Environment } from "../../src/config/config.ts";
import { aWebexDelivery, webexSignatures } from "../support/deliveries.ts";
import { forbidNetwork } from "../support/network.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { WEBEX_SETTINGS } from "../support/settings.ts";
import { ANA_UUID, aMessage, globobot, MENTION, personIdOf, REFUSAL } from "../support/webex.ts";

forbidNetwork();

/** Webex's API, on which the calls are written down in their order. */
function createWire() {
  const calls: string[] = [];
  const reqheaders = { authorization: "Bearer bot-token-invented" };
  const webex = () =>
    nock("https://webexapis.com", { reqheaders }).on("request", ({ method, url }: Request) => {
      calls.push(`${method} ${new URL(url).pathname}`);
    });
  return { calls, webex };
}

async function deliver({ url }: TestServer, delivery: object): Promise<void> {
  const body = JSON.stringify(delivery);
  await request(url)
    .post("/wtwebhook")
    .set("Content-Type", "application/json;charset=UTF-8")
    .set(webexSignatures(body, WEBEX_SETTINGS.WT_WEBHOOK_SECRET))
    .send(body)
    .expect(200, { status: "accepted" });
}

async function logSays({ sink }: TestServer, message: string): Promise<void> {
  await vi.waitFor(() => expect(sink.messages()).toContain(message));
}

const start = (settings: Environment = {}) => startTestServer({ ...WEBEX_SETTINGS, ...settings });

test("Ana asks for a balance: the message is read, the bot learns who it is, and replies in the room", async () => {
  const server = await start();
  const { calls, webex } = createWire();
  webex().get("/v1/messages/MSG1").reply(200, aMessage());
  webex().get("/v1/people/me").reply(200, globobot);
  webex()
    .post("/v1/messages", { roomId: "ROOM1", text: "balance for acct100: 40.00 USD" })
    .reply(200, { id: "MSG2" });

  await deliver(server, aWebexDelivery());

  await logSays(server, "Job done: replied");
  expect(calls).toEqual(["GET /v1/messages/MSG1", "GET /v1/people/me", "POST /v1/messages"]);
});

test("room and sender are the message's, whatever the delivery says", async () => {
  const server = await start();
  const { webex } = createWire();
  webex()
    .get("/v1/messages/MSG1")
    .reply(200, aMessage({ roomId: "ROOM-OF-ANA" }));
  webex().get("/v1/people/me").reply(200, globobot);
  webex()
    .post("/v1/messages", { roomId: "ROOM-OF-ANA", text: "balance for acct100: 40.00 USD" })
    .reply(200, {});

  await deliver(server, aWebexDelivery({ data: { roomId: "ROOM-OF-EVE", personEmail: "eve@evil.example" } }));

  await logSays(server, "Job done: replied");
});

test("a delivery that names an allowed sender helps nobody whose message it is not", async () => {
  const server = await start();
  const { calls, webex } = createWire();
  const message = aMessage({ personId: personIdOf(ANA_UUID), personEmail: "eve@evil-example.com" });
  webex().get("/v1/messages/MSG1").reply(200, message);
  webex().get("/v1/people/me").reply(200, globobot);

  await deliver(server, aWebexDelivery({ data: { personEmail: "ana@example.com" } }));

  await logSays(server, "Job done: ignored, the sender is not in WT_ALLOWED_SENDERS");
  expect(calls).toEqual(["GET /v1/messages/MSG1", "GET /v1/people/me"]);
});

test("the API's address is the setting's, and so are the accounts' case and the thread's first message", async () => {
  const server = await start({ WT_API_URL: "https://proxy.example/webex" });
  nock("https://proxy.example")
    .get("/webex/messages/MSG1")
    .reply(200, aMessage({ parentId: "MSG0", html: `<p>AcCt200 ${MENTION}</p>` }))
    .get("/webex/people/me")
    .reply(200, globobot)
    .post("/webex/messages", { roomId: "ROOM1", parentId: "MSG0", text: "balance for AcCt200: -10.00 USD" })
    .reply(200, {});

  await deliver(server, aWebexDelivery());

  await logSays(server, "Job done: replied");
});

test("a token that Webex refuses makes the server unready, and is logged as what it is", async () => {
  const server = await start({ ADMIN_PASSWORD: PASSWORD });
  const { webex } = createWire();
  webex().get("/v1/messages/MSG1").reply(401, REFUSAL);
  await request(server.url).get("/readyz").expect(200);

  await deliver(server, aWebexDelivery());

  const refused =
    "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Set it to the bot's current token.";
  await logSays(server, refused);
  expect((await request(server.url).get("/readyz").expect(503)).body).toMatchObject({ Webex: "failing" });
  const { body } = await asOperator(server.url).get("/readyz").expect(503);
  expect(body).toMatchObject({ status: "not ready", Webex: refused });
});

test("afterwards no message text, balance, secret or token is in the log", async () => {
  const server = await start();
  const { webex } = createWire();
  webex()
    .get("/v1/messages/MSG1")
    .reply(200, aMessage({ text: "globobot my secret is acct100", html: `${MENTION} my secret is acct100` }));
  webex().get("/v1/people/me").reply(200, globobot);
  webex().post("/v1/messages").reply(200, {});

  await deliver(server, aWebexDelivery());

  await logSays(server, "Job done: replied");
  const log = server.sink.text();
  expect(log).toContain("webex:MSG1");
  for (const hidden of ["my secret", "acct100", "40.00", "bot-token-invented", "signing-secret", "ana@"]) {
    expect(log).not.toContain(hidden);
  }
});
