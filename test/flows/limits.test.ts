import { expect, test, vi } from "vitest";
import { z } from "zod";
import { LICENSE } from "../../src/demo/stage.ts";
import { beginInstall } from "../support/browser.ts";
import { deliverMessage, SIGNING_SECRET } from "../support/deliveries.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { startTestServer } from "../support/server.ts";
import { UNREACHABLE_WEBEX } from "../support/settings.ts";
import { beginDelivery, openSocket } from "../support/sockets.ts";
import { startTestStage } from "../support/stage.ts";

const WEBEX = { ...UNREACHABLE_WEBEX, WT_WEBHOOK_SECRET: SIGNING_SECRET };
const CHATIO = { CHATIO_CLIENT_ID: "client-invented", CHATIO_CLIENT_SECRET: "secret-invented" };

const readiness = z.object({ warnings: z.array(z.string()) });

test("refused deliveries are limited, genuine ones from the same address never are", async () => {
  const { url } = await startTestServer(WEBEX);
  const wrong = { "X-Spark-Signature": "wrong", "X-Webex-Signature": "wrong" };
  const refused: number[] = [];
  for (let n = 0; n < 65; n += 1) refused.push((await deliverMessage(url, { headers: wrong })).status);
  expect(refused).toEqual([...Array(60).fill(401), ...Array(5).fill(429)]);

  const { answer } = await deliverMessage(url);
  expect([answer.status, await answer.json()]).toEqual([200, { status: "accepted" }]);
});

test("a sender that breaks off within a refused delivery is no mistake of the server's", async () => {
  const { url, sink, stop } = await startTestServer(WEBEX);
  for (let n = 0; n < 5; n += 1) {
    const { closed } = await openSocket(url, `${beginDelivery(null)}zz\r\n`);
    await closed;
  }
  await stop();
  expect(sink.text().match(/Refused: /g)).toHaveLength(1);
  expect(sink.text()).toMatch(/4 more requests from .* were refused within a minute \(400: 4\)/);
  expect(sink.text()).not.toContain('"level":50');
});

test("a sender that has gone before its request was whole is named in the log all the same", async () => {
  const { url, sink, stop } = await startTestServer(WEBEX);
  for (const from of ["", "X-Forwarded-For: 203.0.113.9\r\n"]) {
    const { socket } = await openSocket(url, beginDelivery(1000).replace("\r\n\r\n", `\r\n${from}\r\n{`));
    // The server has it once it answers what came later.
    await fetch(`${url}/healthz`);
    socket.destroy();
  }
  await vi.waitFor(() => expect(sink.text().match(/Refused: /g)).toHaveLength(2));
  await stop();
  expect(sink.text()).toContain('"address":"127.0.0.1"');
  expect(sink.text()).toContain('"address":"203.0.113.9"');
});

test("addresses without a code, and made-up codes, are limited at /token, and keep nobody from installing", async () => {
  const stage = await startTestStage();
  const attempt = async (query: string) => (await fetch(`${stage.serverUrl}/token?${query}`)).status;
  const statuses: number[] = [];
  for (let n = 0; n < 40; n += 1) statuses.push(await attempt(""));
  expect(statuses).toEqual([...Array(30).fill(400), ...Array(10).fill(429)]);
  const page = await fetch(`${stage.serverUrl}/token?error=a`);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(await page.text()).toContain("Too many requests from this address");

  const codes = await Promise.all(Array.from({ length: 50 }, (_, n) => attempt(`code=made-up-${n}`)));
  expect(codes.toSorted()).toEqual([...Array(20).fill(429), ...Array(30).fill(502)]);
  expect(stage.chatio.calls.filter(({ name }) => name === "exchange")).toHaveLength(30);

  // Nor does it matter how often somebody begins.
  for (let n = 0; n < 40; n += 1) await fetch(`${stage.serverUrl}/install`, { redirect: "manual" });
  expect((await stage.install()).status).toBe(200);
});

/** Comes back from consent with the state and cookie of an installation that was begun here; the status of the answer. */
async function finishInstall(
  url: string,
  { state, cookie }: { state: string; cookie: string },
  from = "203.0.113.1",
): Promise<number> {
  const headers = { cookie, "x-forwarded-for": from };
  return (await fetch(`${url}/token?code=made-up&state=${state}`, { headers })).status;
}

async function usedUpInstalls(url: string): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < 30; n += 1) statuses.push(await finishInstall(url, await beginInstall(url)));
  return statuses;
}

test("whoever began at /install can install behind the same address as a stranger with made-up codes", async () => {
  const stage = await startTestStage();
  const made = Array.from({ length: 40 }, async () => {
    const { state, cookie } = await beginInstall(stage.serverUrl);
    return fetch(`${stage.serverUrl}/token?code=made-up&state=${state}`, { headers: { cookie } });
  });
  expect((await Promise.all(made)).map(({ status }) => status)).toEqual(Array(40).fill(502));

  expect((await stage.install()).status).toBe(200);
});

test("made-up codes that were begun here are 30 a minute; each one more waits a second, one for each connection", async () => {
  const { url } = await startTestServer({ ...CHATIO, CHATIO_ACCOUNTS_URL: "http://127.0.0.1:9" });
  expect(await usedUpInstalls(url)).toEqual(Array(30).fill(502));

  const askedAt = performance.now();
  expect(await finishInstall(url, await beginInstall(url))).toBe(502);
  // Timers of Node.js may be a millisecond early.
  expect(performance.now() - askedAt).toBeGreaterThanOrEqual(998);

  const begun = [await beginInstall(url), await beginInstall(url)];
  const requests = begun.map(
    ({ state, cookie }) =>
      `GET /token?code=a&state=${state} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.1\r\nCookie: ${cookie}\r\n\r\n`,
  );
  const { answer } = await openSocket(url, requests.join(""));
  const statuses = () => [...answer().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  await vi.waitFor(() => expect(statuses()).toEqual(["502", "429"]), 3000);
  // Who was refused can go on with the same state.
  const [, refused = begun[0]] = begun;
  expect(refused && (await finishInstall(url, refused, "203.0.113.2"))).toBe(502);
});

test("at most 100 made-up codes wait for their second, from however many connections", async () => {
  const { url } = await startTestServer({ ...CHATIO, CHATIO_ACCOUNTS_URL: "http://127.0.0.1:9" });
  await usedUpInstalls(url);
  const begun = [];
  for (let n = 0; n < 120; n += 1) begun.push(await beginInstall(url));
  const statuses = await Promise.all(begun.map((one) => finishInstall(url, one)));
  expect(statuses.filter((status) => status === 502).length).toBeGreaterThanOrEqual(100);
  expect(statuses).toContain(429);
});

test("behind a proxy on this machine each sender has a limit of its own; a proxy further away is not believed", async () => {
  const from = async (url: string, forwarded: string) =>
    (await fetch(`${url}/token`, { headers: { "x-forwarded-for": forwarded } })).status;
  const trusting = await startTestServer(CHATIO);
  for (let n = 0; n < 30; n += 1) await from(trusting.url, "203.0.113.1");
  expect(await from(trusting.url, "203.0.113.1")).toBe(429);
  expect(await from(trusting.url, "203.0.113.2")).toBe(400);
  // What is no address does not make a sender another one.
  expect(await from(trusting.url, "one")).toBe(400);
  for (let n = 0; n < 29; n += 1) await from(trusting.url, `made-up-${n}`);
  expect(await from(trusting.url, "another")).toBe(429);
  // What the sender put in front itself is further away than one hop.
  expect(await from(trusting.url, "203.0.113.99, 203.0.113.1")).toBe(429);

  const alone = await startTestServer({ ...CHATIO, TRUST_PROXY: "none" });
  for (let n = 0; n < 30; n += 1) await from(alone.url, `203.0.113.${n}`);
  expect(await from(alone.url, "203.0.113.200")).toBe(429);
});

test.each([
  ["headers that never end", "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: "],
  ["a body that never comes", `${beginDelivery(10)}{`],
])("%s: the sender is cut off", async (_what, beginning) => {
  const limits = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 };
  const server = await startTestServer(WEBEX, { limits });
  const { answer, closed } = await openSocket(server.url, beginning);
  await closed;
  expect(answer()).toMatch(/^HTTP\/1\.1 408 /);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test("pages may not run scripts but our own, be framed, or load anything from elsewhere", async () => {
  const { url } = await startTestServer();
  const page = await fetch(url);
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe-inline");
  expect(policy).toContain("script-src 'self';");
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect(page.headers.get("x-powered-by")).toBeNull();
});

test("a license that is not allowed is refused after the license is known, and its token is revoked", async () => {
  const stage = await startTestStage({ CHATIO_ALLOWED_LICENSES: "2001, 2002" });
  const refused = await stage.install();
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain("License 1520 may not use this server.");
  expect(stage.chatio.calls.slice(-2)).toMatchObject([{ name: "info" }, { name: "revoke", status: 200 }]);
  expect(stage.chatio.botAgents(LICENSE)).toEqual([]);
  stage.chatio.addLicense(2002);
  stage.chatio.signIn(2002);
  expect((await stage.install()).status).toBe(200);
});

test("with WT_REPLY_PRIVATELY the balance goes to the sender, and the room hears that it did", async () => {
  const stage = await startTestStage({ WT_REPLY_PRIVATELY: "true" });
  const room = stage.webex.addRoom({ title: "Accounts", members: ["ana@example.com", "ben@example.com"] });
  await stage.webex.says("ana@example.com", room.id, "@globobot acct100");
  const bodies = () =>
    stage.webex.calls.filter(({ name }) => name === "POST /messages").map(({ body }) => body);
  await vi.waitFor(() => expect(bodies()).toHaveLength(2), 5000);
  const [ana] = stage.webex.messages(room.id);
  expect(bodies()).toEqual([
    { toPersonId: ana?.personId, text: "balance for acct100: 40.00 USD" },
    { roomId: room.id, text: "I have sent it to you." },
  ]);
});

test("webhooks that Webex has switched off are a warning on /readyz, and healed where that is asked for", async () => {
  const stage = await startTestStage({ ADMIN_PASSWORD: PASSWORD });
  const warningsOf = async (url: string) =>
    readiness.parse((await asOperator(url).get("/readyz")).body).warnings;
  await vi.waitFor(() => expect(stage.webex.calls.map(({ name }) => name)).toContain("GET /webhooks"));
  expect(await warningsOf(stage.serverUrl)).toEqual([]);

  const [first] = stage.webex.webhooks();
  stage.webex.disableWebhook(first?.id ?? "");
  const settings = {
    ...WEBEX,
    WT_API_URL: stage.webex.apiUrl,
    WT_API_TOKEN: "demo-bot-token",
    PUBLIC_URL: stage.serverUrl,
    ADMIN_PASSWORD: PASSWORD,
  };
  const watching = await startTestServer(settings);
  const isOff = expect.stringContaining("was switched off by Webex");
  await vi.waitFor(async () => expect(await warningsOf(watching.url)).toEqual([isOff]));
  expect((await fetch(`${watching.url}/readyz`)).status).toBe(200);

  const healing = await startTestServer({ ...settings, WT_HEAL_WEBHOOKS: "true" });
  await vi.waitFor(() => expect(healing.sink.text()).toContain("was switched on again"));
  expect(stage.webex.webhooks().map(({ status }) => status)).toEqual(["active", "active"]);
  await vi.waitFor(async () => expect(await warningsOf(healing.url)).toEqual([]));
});
