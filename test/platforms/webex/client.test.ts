import nock from "nock";
import { expect, test } from "vitest";
import { createWebexClient, type WebhookChange } from "../../../src/platforms/webex/client.ts";
import { failureOf } from "../../support/failure.ts";
import { forbidNetwork } from "../../support/network.ts";
import { REFUSAL } from "../../support/webex.ts";

forbidNetwork();

const client = createWebexClient({ apiUrl: "https://webexapis.com/v1", token: "bot-token-invented" });
const webex = () =>
  nock("https://webexapis.com", { reqheaders: { authorization: "Bearer bot-token-invented" } });

const PERSON = {
  id: "BOT1",
  emails: ["globobot@webex.bot"],
  displayName: "globobot",
  orgId: "ORG1",
  created: "2026-01-05T10:00:00.000Z",
  type: "bot",
};

test("the bot asks who it is", async () => {
  webex().get("/v1/people/me").reply(200, PERSON);

  expect(await client.getMe()).toEqual({
    id: "BOT1",
    emails: ["globobot@webex.bot"],
    displayName: "globobot",
    type: "bot",
  });
});

test("the bot fetches a message, and keeps only the known fields", async () => {
  const message = {
    id: "MSG1",
    roomId: "ROOM1",
    roomType: "group",
    parentId: "MSG0",
    text: "globobot acct100",
    html: "<p>globobot acct100</p>",
    personId: "ANA1",
    personEmail: "ana@example.com",
    mentionedPeople: ["BOT1"],
  };
  webex()
    .get("/v1/messages/MSG1")
    .reply(200, { ...message, mentionedGroups: ["all"], created: "2026-01-05T10:01:02.003Z" });

  expect(await client.getMessage("MSG1")).toEqual(message);
});

test("a message with a file only has neither text nor mentions", async () => {
  webex()
    .get("/v1/messages/MSG1")
    .reply(200, { id: "MSG1", roomId: "ROOM1", personId: "ANA1", files: ["…"] });

  expect(await client.getMessage("MSG1")).toEqual({
    id: "MSG1",
    roomId: "ROOM1",
    personId: "ANA1",
    personEmail: "",
    mentionedPeople: [],
  });
});

test("an id cannot lead to another path", async () => {
  webex().get("/v1/messages/a%2Fb%2B%3D").reply(404);

  expect(await failureOf(client.getMessage("a/b+="))).toMatchObject({ status: 404 });
});

test.each([
  [{ roomId: "ROOM1", text: "balance for acct100: 40.00 USD" }],
  [{ roomId: "ROOM1", parentId: "MSG0", text: "balance for acct100: 40.00 USD" }],
])("a reply is sent as it is: %j", async (reply) => {
  webex()
    .matchHeader("content-type", "application/json")
    .post("/v1/messages", reply)
    .reply(200, { id: "MSG2" });

  await expect(client.createMessage(reply)).resolves.toBeUndefined();
});

test("the setting is the API's whole prefix", async () => {
  const elsewhere = createWebexClient({ apiUrl: "https://proxy.example/webex/v2", token: "t" });
  nock("https://proxy.example").get("/webex/v2/people/me").reply(200, PERSON);

  await elsewhere.getMe();
});

test.each([
  [400, false],
  [401, false],
  [403, false],
  [404, false],
  [409, false],
  [410, false],
  [423, true],
  [429, true],
  [500, true],
  [502, true],
  [503, true],
  [504, true],
])("Webex's own %d may be retried: %s", async (status, retryable) => {
  webex().get("/v1/people/me").reply(status, REFUSAL);

  expect(await failureOf(client.getMe())).toMatchObject({ status, type: null, retryable });
});

test("what a gateway answers is worth another try", async () => {
  for (const body of ["<html>gateway</html>", "", { message: "no such host" }]) {
    webex().get("/v1/people/me").reply(404, body);
    expect(await failureOf(client.getMe())).toMatchObject({ status: 404, type: null, retryable: true });
  }
});

test("a refusal names its tracking ID for Webex support, and nothing that was sent or said", async () => {
  webex()
    .post("/v1/messages")
    .reply(400, { message: "words", errors: [{ description: "words" }] }, { trackingid: "ROUTER_0-A" });

  const failure = await failureOf(client.createMessage({ roomId: "ROOM1", text: "a balance" }));

  expect(failure.message).toBe("Webex answered POST /messages with 400, trackingid ROUTER_0-A.");
  expect(`${JSON.stringify(failure)} ${failure.stack}`).not.toMatch(/bot-token|a balance|words/);
});

test("an answer in an unexpected format is an error", async () => {
  webex().get("/v1/messages/MSG1").reply(200, { id: "MSG1", personId: 7 });

  expect((await failureOf(client.getMessage("MSG1"))).message).toBe(
    "Webex answered GET /messages/{id} with 200, but not in the expected format (roomId, personId).",
  );
});

const HOOK = {
  id: "HOOK1",
  name: "globobot: 1:1 rooms",
  targetUrl: "https://bots.example/wtwebhook",
  resource: "messages",
  event: "created",
  filter: "roomType=direct",
  secret: "signing-secret-invented",
  status: "active",
};

/** Prepares one page of the list, and the URL of the next one. */
function page(cursor: string, id: string, next?: string): nock.Scope {
  const link = next === undefined ? {} : { Link: `<https://webexapis.com/v1/webhooks${next}>; rel="next"` };
  return webex()
    .get(`/v1/webhooks${cursor}`)
    .reply(200, { items: [{ ...HOOK, id, orgId: "ORG1" }] }, link);
}

test("webhooks are listed to the last page", async () => {
  const cursors = Array.from({ length: 40 }, (_, n) => (n === 0 ? "?max=100" : `?max=100&cursor=${n}`));
  for (const [n, cursor] of cursors.entries()) page(cursor, `HOOK${n}`, cursors[n + 1]);

  const listed = await client.listWebhooks();

  expect(listed).toEqual(cursors.map((_, n) => ({ ...HOOK, id: `HOOK${n}` })));
});

test("a list that leads back to itself ends", async () => {
  let asked = 0;
  webex()
    .get("/v1/webhooks?max=100")
    .reply(() => {
      asked += 1;
      const back = { Link: '<https://webexapis.com/v1/webhooks?max=100>; rel="next"' };
      return [200, { items: [] }, asked < 1000 ? back : {}];
    })
    .persist();

  expect(await client.listWebhooks()).toEqual([]);
  expect(asked).toBeLessThan(1000);
});

test("a missing status counts as active", async () => {
  webex()
    .get("/v1/webhooks?max=100")
    .reply(200, { items: [{ ...HOOK, status: undefined }] });

  expect(await client.listWebhooks()).toEqual([HOOK]);
});

test("a next page at another host is not followed, because the token would go there", async () => {
  webex()
    .get("/v1/webhooks?max=100")
    .reply(200, { items: [] }, { Link: '<https://evil.example/v1/webhooks>; rel="next"' });

  await expect(client.listWebhooks()).rejects.toMatchObject({ retryable: false });
});

test("a webhook is created as requested", async () => {
  const { id: _id, status: _status, ...wanted } = HOOK;
  webex().post("/v1/webhooks", wanted).reply(200, HOOK);

  expect(await client.createWebhook(wanted)).toEqual(HOOK);
});

test("a webhook is changed with its name and target, which the API requires", async () => {
  const change: WebhookChange = { name: HOOK.name, targetUrl: HOOK.targetUrl, status: "active" };
  webex().put("/v1/webhooks/HOOK%2F1", change).reply(200, HOOK);

  await expect(client.updateWebhook("HOOK/1", change)).resolves.toBeUndefined();
});

test("a webhook is deleted, with an empty answer", async () => {
  webex().delete("/v1/webhooks/HOOK%2F1").reply(204);

  await expect(client.deleteWebhook("HOOK/1")).resolves.toBeUndefined();
});
