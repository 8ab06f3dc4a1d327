import { expect, test, vi } from "vitest";
import { aWebexDelivery, webexSignatures } from "../support/deliveries.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";

const ANA = "ana@example.com";

async function replies(stage: TestStage, roomId: string, count: number): Promise<string[]> {
  const said = () => stage.webex.transcript(roomId).filter(({ author }) => author === "globobot");
  await vi.waitFor(() => expect(said()).toHaveLength(count), 5000);
  await stage.webex.settled();
  return said().map(({ text }) => text);
}

/** All but the look at the webhooks with which the server starts. */
function callsAboutMessages(stage: TestStage): string[] {
  return stage.webex.calls.map(({ name }) => name).filter((name) => name !== "GET /webhooks");
}

test("a mention in a group room is answered with the balance, by exactly the calls it takes", async () => {
  const stage = await startTestStage();
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
  await stage.webex.says(ANA, room.id, "@globobot hi, what is the balance for acct200");
  expect(await replies(stage, room.id, 1)).toEqual(["balance for acct200: -10.00 USD"]);
  expect(callsAboutMessages(stage)).toEqual(["GET /messages/:id", "GET /people/me", "POST /messages"]);
  expect(stage.webex.calls.at(-1)?.body).toEqual({
    roomId: room.id,
    text: "balance for acct200: -10.00 USD",
  });
});

test("in a 1:1 room no mention is needed, and the bot does not answer itself", async () => {
  const stage = await startTestStage();
  const room = stage.webex.addRoom({ title: "Ana", type: "direct", members: [ANA] });
  await stage.webex.says(ANA, room.id, "acct100");
  await stage.webex.says(ANA, room.id, "please, for acct300");
  await replies(stage, room.id, 2);
  // Its own two messages were delivered, too, and read, and left alone.
  await vi.waitFor(() => expect(stage.sink.text().match(/own message/g)).toHaveLength(2), 5000);
  expect(await replies(stage, room.id, 2)).toEqual([
    "balance for acct100: 40.00 USD",
    "balance for acct300: 0.00 USD",
  ]);
});

test("a wrong or missing signature is refused, and nothing is read or said", async () => {
  const stage = await startTestStage();
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
  for (const signature of ["none", "wrong"] as const) {
    stage.webex.delivery.signature = signature;
    await stage.webex.says(ANA, room.id, "@globobot acct100");
  }
  expect(stage.webex.deliveries.map(({ status }) => status)).toEqual([401, 401]);
  expect(callsAboutMessages(stage)).toEqual([]);
});

test("room and sender are those of the message, whatever a signed delivery says", async () => {
  const stage = await startTestStage({ WT_ALLOWED_SENDERS: "@example.com" });
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA, "eve@evil-example.com"] });
  stage.webex.delivery.isOffline = true;
  const deliver = async (id: string, data: object) => {
    const body = JSON.stringify(aWebexDelivery({ data: { id, ...data } }));
    const headers = { "content-type": "application/json", ...webexSignatures(body, "demo-webhook-secret") };
    const { status } = await fetch(`${stage.serverUrl}/wtwebhook`, { method: "POST", headers, body });
    expect(status).toBe(200);
  };
  const ofEve = await stage.webex.says("eve@evil-example.com", room.id, "@globobot acct100");
  await deliver(ofEve.id, { personEmail: ANA });
  await vi.waitFor(() => expect(stage.sink.text()).toContain("not in WT_ALLOWED_SENDERS"));
  const ofAna = await stage.webex.says(ANA, room.id, "@globobot acct300");
  await deliver(ofAna.id, { roomId: "ROOM-OF-EVE", personEmail: "eve@evil-example.com" });
  expect(await replies(stage, room.id, 1)).toEqual(["balance for acct300: 0.00 USD"]);
});

test("a wrong token makes the server not ready and is logged as what it is", async () => {
  const stage = await startTestStage({ ADMIN_PASSWORD: PASSWORD });
  const room = stage.webex.addRoom({ title: "Accounts", members: [ANA] });
  stage.webex.rejectToken();
  await stage.webex.says(ANA, room.id, "@globobot acct100");
  await vi.waitFor(async () => expect((await fetch(`${stage.serverUrl}/readyz`)).status).toBe(503));
  const refused =
    "Webex refuses WT_API_TOKEN: it is wrong or was regenerated. Set it to the bot's current token.";
  expect(stage.sink.messages()).toContain(refused);
  const { body } = await asOperator(stage.serverUrl).get("/readyz").expect(503);
  expect(body).toMatchObject({ status: "not ready", Webex: refused });
});
