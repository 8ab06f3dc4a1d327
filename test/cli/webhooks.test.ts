import { describe, expect, onTestFinished, test } from "vitest";
import { startLivechatSandbox } from "../../src/sandbox/livechat/index.ts";
import { startWebexSandbox, type WebexSandbox } from "../../src/sandbox/webex/index.ts";
import { runCli } from "../support/cli.ts";
import { startNgrokAgent } from "../support/ngrok.ts";

const TARGET = "https://bots.example/wtwebhook";
const SECRET = "webhook-secret-invented";
const OTHERS = {
  name: "somebody else's",
  targetUrl: "https://other.example/hook",
  resource: "rooms",
  event: "created",
} as const;
const MENTIONS = {
  resource: "messages",
  event: "created",
  filter: "roomType=group&mentionedPeople=me",
} as const;

async function startDesk() {
  const webex = await startWebexSandbox({ botToken: "bot-token-invented" });
  onTestFinished(webex.stop);
  const settings = {
    WT_API_TOKEN: "bot-token-invented",
    WT_API_URL: webex.apiUrl,
    WT_WEBHOOK_SECRET: SECRET,
    PUBLIC_URL: "https://bots.example",
  };
  return { webex, settings, run: (...args: string[]) => runCli("webhooks", args, settings) };
}

function shapes(webex: WebexSandbox) {
  return webex
    .webhooks()
    .map(({ name, targetUrl, filter, secret, status }) => ({ name, targetUrl, filter, secret, status }));
}

const WANTED = [
  { name: "globobot: mentions in groups", filter: "roomType=group&mentionedPeople=me" },
  { name: "globobot: 1:1 rooms", filter: "roomType=direct" },
].map((hook) => ({ ...hook, targetUrl: TARGET, secret: SECRET, status: "active" }));

test("add creates both webhooks, and finds nothing to do the second time", async () => {
  const { webex, run } = await startDesk();
  const first = await run("add");
  expect(first.code).toBe(0);
  expect(first.out).toMatch(/^created {2}globobot: mentions in groups .*\ncreated {2}globobot: 1:1 rooms /);
  expect(shapes(webex)).toEqual(WANTED);
  const before = webex.webhooks();
  expect((await run("add")).out).toMatch(
    /^kept {5}globobot: mentions in groups .*\nkept {5}globobot: 1:1 rooms /,
  );
  expect(webex.webhooks()).toEqual(before);
});

test("add moves ours to a new URL and secret, replaces what cannot be changed, removes duplicates, and leaves others alone", async () => {
  const { webex, run } = await startDesk();
  webex.addWebhook(OTHERS);
  const moved = webex.addWebhook({
    ...MENTIONS,
    name: "globobot: mentions in groups",
    targetUrl: "https://old.example/wtwebhook",
  });
  webex.addWebhook({ ...MENTIONS, name: "by hand", targetUrl: TARGET, secret: "another" });
  webex.addWebhook({
    resource: "messages",
    event: "created",
    name: "globobot: 1:1 rooms",
    targetUrl: TARGET,
    secret: SECRET,
  });
  const { code, out } = await run("add");
  expect(code).toBe(0);
  expect(out).toContain("duplicate");
  expect(out).toContain("cannot be changed");
  const [others, ...ours] = shapes(webex);
  expect(others).toMatchObject({ name: OTHERS.name, targetUrl: OTHERS.targetUrl });
  expect(ours).toEqual(WANTED);
  expect(webex.webhooks().map(({ id }) => id)).toContain(moved.id);
});

test("list shows all webhooks, how they are and whose, but no secret", async () => {
  const { webex, run, settings } = await startDesk();
  webex.addWebhook(OTHERS);
  expect((await run("add")).code).toBe(0);
  const { code, out } = await run("list");
  const [headings, others, mentions] = out.split("\n");
  expect(code).toBe(0);
  expect(headings?.split(/\s+/)).toEqual([
    "PLATFORM",
    "ID",
    "NAME",
    "TARGET",
    "WHAT",
    "FILTER",
    "STATUS",
    "OURS",
  ]);
  expect(others).toMatch(/somebody else's +https:\/\/other.example\/hook +rooms\/created +active +no$/);
  expect(mentions).toMatch(/globobot: mentions in groups .*roomType=group&mentionedPeople=me +active +yes$/);
  expect(out).not.toContain(SECRET);
  expect((await run("list", "--json")).out).not.toContain(SECRET);

  for (const { id, name } of webex.webhooks()) if (name.includes("1:1")) webex.disableWebhook(id);
  const moved = await runCli("webhooks", ["list", "--json"], {
    ...settings,
    PUBLIC_URL: "https://new.example",
  });
  const rows: { name: string; status: string }[] = JSON.parse(moved.out);
  expect(rows.map(({ name, status }) => [name, status])).toEqual([
    [OTHERS.name, "active"],
    ["globobot: mentions in groups", "sends elsewhere"],
    ["globobot: 1:1 rooms", "switched off, sends elsewhere"],
  ]);

  // A long list is read to its end, page after page.
  for (let n = 0; n < 120; n += 1) webex.addWebhook({ ...OTHERS, name: `number ${n}` });
  expect(JSON.parse((await run("list", "--json")).out)).toHaveLength(123);
});

test("heal switches on those of ours that Webex has switched off, and no others", async () => {
  const { webex, run } = await startDesk();
  const other = webex.addWebhook({ ...OTHERS, resource: "memberships" });
  await run("add");
  for (const { id } of webex.webhooks()) webex.disableWebhook(id);
  const { code, out } = await run("heal");
  expect({ code, out }).toEqual({
    code: 0,
    out: "switched on  globobot: mentions in groups\nswitched on  globobot: 1:1 rooms\nWhat was written meanwhile did not arrive, and Webex does not deliver it again. Ask people to write again.\n",
  });
  expect(webex.webhooks().find(({ id }) => id === other.id)?.status).toBe("inactive");
  expect((await run("heal")).out).toBe("All our webhooks are switched on.\n");
});

test("delete takes ids; one that does not exist is an error with a sentence", async () => {
  const { webex, run } = await startDesk();
  const { id } = webex.addWebhook(OTHERS);
  expect(await run("delete", id)).toMatchObject({ code: 0, out: `deleted  ${id}\n` });
  expect(webex.webhooks()).toEqual([]);
  const again = await run("delete", id);
  expect(again.code).toBe(1);
  expect(again.err).toBe(`There is no webhook ${id}. See: npm run webhooks -- list\n`);
});

test("an ngrok tunnel to PORT is used as PUBLIC_URL, and add says so", async () => {
  const webex = await startWebexSandbox({ botToken: "bot-token-invented" });
  onTestFinished(webex.stop);
  const agent = await startNgrokAgent({ "https://abc.ngrok.example": "http://localhost:5000" });
  const settings = { WT_API_TOKEN: "bot-token-invented", WT_API_URL: webex.apiUrl, NGROK_API_URL: agent };
  const { code, err } = await runCli("webhooks", ["add"], settings);
  expect({ code, err }).toEqual({
    code: 0,
    err: "PUBLIC_URL is not set; using the ngrok tunnel https://abc.ngrok.example\n",
  });
  expect(webex.webhooks().map(({ targetUrl }) => targetUrl)).toEqual(
    Array(2).fill("https://abc.ngrok.example/wtwebhook"),
  );
});

const MISSED =
  "If they led elsewhere or were missing: what was written meanwhile did not arrive; LiveChat repeats a delivery for about a minute only. Ask people to write again.\n";

describe("at LiveChat", () => {
  const TO_US = "https://bots.example/livechat/webhook";
  const settings = {
    LIVECHAT_CLIENT_ID: "client",
    LIVECHAT_CLIENT_SECRET: "client-secret",
    LIVECHAT_WEBHOOK_SECRET: "webhook-secret-of-the-app",
    PUBLIC_URL: "https://bots.example",
  };

  async function startAtLivechat() {
    const livechat = await startLivechatSandbox({
      clientId: "client",
      clientSecret: "client-secret",
      redirectUri: "https://bots.example/livechat/token",
      personalAccessToken: { accountId: "developer", token: "dal:pat-invented" },
    });
    onTestFinished(livechat.stop);
    const own = { LIVECHAT_API_URL: livechat.apiUrl, LIVECHAT_PAT: "developer:dal:pat-invented" };
    const { webex, settings: ofWebex } = await startDesk();
    return {
      livechat,
      webex,
      run: (...args: string[]) => runCli("webhooks", args, { ...settings, ...own }),
      runBoth: (...args: string[]) => runCli("webhooks", args, { ...settings, ...own, ...ofWebex }),
      shapes: () =>
        livechat.webhooks().map(({ action, url, type, secret_key }) => ({ action, url, type, secret_key })),
    };
  }

  const OURS = ["incoming_chat", "incoming_event"].map((action) => ({
    action,
    url: TO_US,
    type: "license",
    secret_key: "webhook-secret-of-the-app",
  }));

  test("add registers one for chats and one for events, to this server, with the secret", async () => {
    const { run, shapes } = await startAtLivechat();
    expect(await run("add")).toMatchObject({
      code: 0,
      out: `created  incoming_chat, to ${TO_US}\ncreated  incoming_event, to ${TO_US}\n${MISSED}`,
    });
    expect(shapes()).toEqual(OURS);
  });

  test("add replaces ours, whose secret nobody can see, and leaves others alone", async () => {
    const { livechat, run, shapes } = await startAtLivechat();
    const other = { url: "https://other.example/hook", secret_key: "another-secret", type: "bot" } as const;
    livechat.addWebhook({ ...other, action: "incoming_chat" });
    livechat.addWebhook({ ...other, url: TO_US, action: "incoming_event" });
    const { out } = await run("add");
    expect(out).toContain(`deleted  incoming_event, to ${TO_US}: it was replaced`);
    expect(out).toContain(MISSED);
    expect(shapes()).toEqual([{ action: "incoming_chat", ...other }, ...OURS]);
    await run("add");
    expect(shapes()).toHaveLength(3);
  });

  test("list shows both platforms' webhooks, and no secret", async () => {
    const { runBoth } = await startAtLivechat();
    expect((await runBoth("add")).code).toBe(0);
    const { code, out } = await runBoth("list");
    expect(code).toBe(0);
    expect(out.match(/^(livechat|webex) /gm)).toEqual(["livechat ", "livechat ", "webex ", "webex "]);
    expect(out).toMatch(/^livechat .* https:\/\/bots\.example\/livechat\/webhook +incoming_chat .* yes$/m);
    for (const hidden of [SECRET, "webhook-secret-of-the-app", "pat-invented"])
      expect(out + (await runBoth("list", "--json")).out).not.toContain(hidden);
  });

  test("add for one platform leaves the other alone", async () => {
    const { runBoth, livechat, webex } = await startAtLivechat();
    expect((await runBoth("add", "webex")).code).toBe(0);
    expect([livechat.webhooks().length, webex.webhooks().length]).toEqual([0, 2]);
    expect((await runBoth("add", "chatio")).code).toBe(2);
  });

  test("delete finds the platform of an id", async () => {
    const { runBoth, livechat, webex } = await startAtLivechat();
    await runBoth("add");
    const ids = [livechat.webhooks()[0]?.id ?? "", webex.webhooks()[0]?.id ?? ""];
    expect(await runBoth("delete", ...ids)).toMatchObject({
      code: 0,
      out: ids.map((id) => `deleted  ${id}\n`).join(""),
    });
    expect([livechat.webhooks().length, webex.webhooks().length]).toEqual([1, 1]);
    expect((await runBoth("delete", "nobodys")).err).toMatch(/^There is no webhook nobodys/);
  });

  test("without a personal access token a sentence says so, and Webex is managed all the same", async () => {
    const missing = /^LIVECHAT_PAT is not set\. /;
    expect(await runCli("webhooks", ["list"], settings)).toMatchObject({
      code: 1,
      err: expect.stringMatching(missing),
    });
    const { settings: ofWebex } = await startDesk();
    expect(await runCli("webhooks", ["add"], { ...settings, ...ofWebex })).toMatchObject({
      code: 0,
      err: expect.stringMatching(missing),
    });
  });

  test("a personal access token that is refused is an error with a sentence", async () => {
    const { livechat } = await startAtLivechat();
    const wrong = { LIVECHAT_API_URL: livechat.apiUrl, LIVECHAT_PAT: "developer:wrong" };
    expect(await runCli("webhooks", ["list"], { ...settings, ...wrong })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^LiveChat answered list_webhooks with 401, authentication, x-debug-id /),
    });
  });
});

test("without the bot's token, or with a wrong one, a sentence says so", async () => {
  const unset = await runCli("webhooks", ["list"], {});
  expect(unset).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /^LiveChat is not set up .*\nWebex is not set up .*: WT_API_TOKEN is missing\.\n$/,
    ),
  });
  const { webex, run } = await startDesk();
  webex.rejectToken();
  const refused = await run("list");
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/^Webex answered GET \/webhooks with 401/);
});
