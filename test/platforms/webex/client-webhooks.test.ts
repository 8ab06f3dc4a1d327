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
