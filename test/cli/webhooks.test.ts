import { expect, onTestFinished, test } from "vitest";
import { startWebexSandbox, type WebexSandbox } from "../../src/sandbox/webex/index.ts";
import { type Ended, runCli } from "../support/cli.ts";
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

async function startDesk(): Promise<{ webex: WebexSandbox; run: (...args: string[]) => Promise<Ended> }> {
  const webex = await startWebexSandbox({ botToken: "bot-token-invented" });
  onTestFinished(webex.stop);
  const settings = {
    WT_API_TOKEN: "bot-token-invented",
    WT_API_URL: webex.apiUrl,
    WT_WEBHOOK_SECRET: SECRET,
    PUBLIC_URL: "https://bots.example",
  };
  return { webex, run: (...args) => runCli("webhooks", args, settings) };
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

test("list shows all webhooks and whose they are, but no secret", async () => {
  const { webex, run } = await startDesk();
  webex.addWebhook(OTHERS);
  expect((await run("add")).code).toBe(0);
  const { code, out } = await run("list");
  const [headings, others, mentions] = out.split("\n");
  expect(code).toBe(0);
  expect(headings?.split(/\s+/)).toEqual(["ID", "NAME", "TARGET", "WHAT", "FILTER", "STATUS", "OURS"]);
  expect(others).toMatch(/somebody else's +https:\/\/other.example\/hook +rooms\/created +active +no$/);
  expect(mentions).toMatch(/globobot: mentions in groups .*roomType=group&mentionedPeople=me +active +yes$/);
  expect(out).not.toContain(SECRET);
  expect((await run("list", "--json")).out).not.toContain(SECRET);

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
    out: "switched on  globobot: mentions in groups\nswitched on  globobot: 1:1 rooms\n",
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

test("without the bot's token, or with a wrong one, a sentence says so", async () => {
  const unset = await runCli("webhooks", ["list"], {});
  expect(unset).toMatchObject({
    code: 1,
    err: "Webex is not set up on this server: WT_API_TOKEN is missing.\n",
  });
  const { webex, run } = await startDesk();
  webex.rejectToken();
  const refused = await run("list");
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/^Webex answered GET \/webhooks with 401/);
});
