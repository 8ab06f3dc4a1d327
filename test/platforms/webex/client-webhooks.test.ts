import nock from "nock";
import { expect, test } from "vitest";
import { createWebexClient, type WebhookChange } from "../../../src/platforms/webex/client.ts";
import { forbidNetwork } from "../../support/network.ts";

forbidNetwork();

const client = createWebexClient({ apiUrl: "https://webexapis.com/v1", token: "bot-token-invented" });
const webex = () =>
  nock("https://webexapis.com", { reqheaders: { authorization: "Bearer bot-token-invented" } });

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

test("webhooks are listed to the last page", async () => {
  const next = "https://webexapis.com/v1/webhooks?max=100&cursor=2";
  webex()
    .get("/v1/webhooks?max=100")
    .reply(200, { items: [{ ...HOOK, orgId: "ORG1" }] }, { Link: `<${next}>; rel="next"` });
  webex()
    .get("/v1/webhooks?max=100&cursor=2")
    .reply(200, { items: [{ ...HOOK, id: "HOOK2", status: undefined }] });

  expect(await client.listWebhooks()).toEqual([HOOK, { ...HOOK, id: "HOOK2" }]);
});

test("a list that goes on at another host is not followed there, for the token would go along", async () => {
  webex()
    .get("/v1/webhooks?max=100")
    .reply(200, { items: [] }, { Link: '<https://evil.example/v1/webhooks>; rel="next"' });

  await expect(client.listWebhooks()).rejects.toMatchObject({ retryable: false });
});

test("a webhook is made as it is wanted", async () => {
  const { id: _id, status: _status, ...wanted } = HOOK;
  webex().post("/v1/webhooks", wanted).reply(200, HOOK);

  expect(await client.createWebhook(wanted)).toEqual(HOOK);
});

test("a webhook is changed with its name and target, which the API wants", async () => {
  const change: WebhookChange = { name: HOOK.name, targetUrl: HOOK.targetUrl, status: "active" };
  webex().put("/v1/webhooks/HOOK%2F1", change).reply(200, HOOK);

  await expect(client.updateWebhook("HOOK/1", change)).resolves.toBeUndefined();
});

test("a webhook is deleted, which is answered with nothing", async () => {
  webex().delete("/v1/webhooks/HOOK%2F1").reply(204);

  await expect(client.deleteWebhook("HOOK/1")).resolves.toBeUndefined();
});
