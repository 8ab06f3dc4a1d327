import nock from "nock";
import request from "supertest";
import { expect, test, vi } from "vitest";
import { aWebexDelivery, webexSignatures } from "../support/deliveries.ts";
import { forbidNetwork } from "../support/network.ts";
import { asOperator, csrfIn, PASSWORD, wordsOf } from "../support/operator.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { WEBEX_SETTINGS } from "../support/settings.ts";
import { aMessage, globobot, REFUSAL } from "../support/webex.ts";

forbidNetwork();

const webex = () => nock("https://webexapis.com");

async function start(): Promise<TestServer> {
  const hook = { id: "HOOK1", resource: "messages", event: "created", secret: "hook-secret-invented" };
  const theirs = {
    ...hook,
    name: "another bot",
    targetUrl: "https://other.example/hook",
    status: "inactive",
  };
  webex()
    .get("/v1/webhooks")
    .query(true)
    .reply(200, { items: [theirs] });
  return startTestServer({ ...WEBEX_SETTINGS, ADMIN_PASSWORD: PASSWORD });
}

/** Ana asks for the balance of acct200. */
async function deliver({ url }: TestServer): Promise<void> {
  const body = JSON.stringify(aWebexDelivery());
  const headers = webexSignatures(body, WEBEX_SETTINGS.WT_WEBHOOK_SECRET);
  await request(url)
    .post("/wtwebhook")
    .set("Content-Type", "application/json")
    .set(headers)
    .send(body)
    .expect(200);
}

/** Answers the question, and tells what the bot said. */
function answerQuestion(): string[] {
  const said: string[] = [];
  webex()
    .get("/v1/messages/MSG1")
    .reply(200, aMessage({ text: "globobot acct200", html: "" }));
  webex().get("/v1/people/me").reply(200, globobot);
  webex()
    .post("/v1/messages", ({ text }) => said.push(text) > 0)
    .reply(200, {});
  return said;
}

test("a job that Webex has refused for good is on the page, and done once the operator retries it", async () => {
  const server = await start();
  const operator = asOperator(server.url);
  webex().get("/v1/messages/MSG1").reply(403, REFUSAL);
  await deliver(server);
  await vi.waitFor(() => expect(server.sink.text()).toContain("Job dead"));
  const page = (await operator.get("/status?state=dead").expect(200)).text;
  expect(wordsOf(page)).toContain("One job is dead");
  expect(wordsOf(page)).toContain("Retry the dead job");
  expect(wordsOf(page)).toContain("1 delivery (1 accepted). No reactions.");

  const said = answerQuestion();
  const [, key] = /name="key" value="([^"]+)"/.exec(page) ?? [];
  const form = { csrf: csrfIn(page), key, state: "dead" };
  const { headers } = await operator.post("/status/retry").type("form").send(form).expect(303);
  const back = (await operator.get(headers.location?.replace(/#.*/, "") ?? "").expect(200)).text;
  await vi.waitFor(() => expect(server.sink.messages()).toContain("Job done: replied"));

  expect(wordsOf(back)).toContain("The job was put back");
  expect(said).toEqual(["balance for acct200: -10.00 USD"]);
  const after = wordsOf((await operator.get("/status").expect(200)).text);
  expect(after).toContain("done 1 dead 0");
  expect(after).toMatch(/1 reaction, after \d+ m?s/);
});

test("the account lookup tells the balance that the bot tells", async () => {
  const server = await start();
  const said = answerQuestion();
  await deliver(server);
  await vi.waitFor(() => expect(said).toHaveLength(1));

  const { text } = await asOperator(server.url).get("/crm?account=acct200").expect(200);

  const [, amount = "nothing"] = /: (.*)$/.exec(said[0] ?? "") ?? [];
  expect(wordsOf(text)).toContain(`acct200 ${amount}`);
});

test("the page shows the webhooks that Webex told of, and no secret", async () => {
  const server = await start();
  const operator = asOperator(server.url);

  const page = await vi.waitFor(async () => {
    const { text } = await operator.get("/status").expect(200);
    expect(wordsOf(text)).toContain("switched off another program’s another bot https://other.example/hook");
    return text;
  });

  for (const secret of [
    "hook-secret-invented",
    WEBEX_SETTINGS.WT_API_TOKEN,
    WEBEX_SETTINGS.WT_WEBHOOK_SECRET,
  ])
    expect(page).not.toContain(secret);
  expect(page).not.toContain(PASSWORD);
  expect(page).toContain("The webhook &quot;globobot: 1:1 rooms&quot; is missing.");
});
