import request from "supertest";
import { describe, expect, test, vi } from "vitest";
import { ORGANIZATION } from "../../src/demo/stage.ts";
import { beginInstall, visit } from "../support/browser.ts";
import { aLivechatEvent, anIncomingLivechatEvent } from "../support/deliveries.ts";
import { INSTALL_CALLS, OTHER_ORGANIZATION } from "../support/livechat.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";

const SAID = "Pizza is on the way!";
const VISIT = ["add_user_to_chat", "send_event", "remove_user_from_chat"];

async function startInstalled(...options: Parameters<typeof startTestStage>): Promise<TestStage> {
  const stage = await startTestStage(...options);
  expect((await stage.installLivechat()).status).toBe(200);
  stage.livechat.calls.length = 0;
  return stage;
}

/** What the server has called since, in order. */
function calls({ livechat }: TestStage): string[] {
  return livechat.calls.splice(0).map(({ name }) => name);
}

function said({ livechat }: TestStage, chatId: string): string[] {
  return livechat
    .transcript(chatId)
    .filter(({ author }) => author === "Pizza BOT")
    .map(({ text }) => text);
}

function isBotIn({ livechat }: TestStage, chatId: string): boolean {
  const bots = livechat.botAgents(ORGANIZATION).map(({ id }) => id);
  return livechat.members(chatId).some((member) => bots.includes(member));
}

async function waitUntilQuiet(stage: TestStage, chatId: string, times: number): Promise<void> {
  await vi.waitFor(() => {
    expect(said(stage, chatId)).toHaveLength(times);
    expect(isBotIn(stage, chatId)).toBe(false);
  }, 5000);
  await stage.livechat.settled();
}

/** The answer to a delivery that somebody else has sent. */
async function post({ serverUrl }: TestStage, body: string | object): Promise<[number, unknown]> {
  const answer = await fetch(`${serverUrl}/livechat/webhook`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return [answer.status, await answer.json()];
}

describe("installing", () => {
  test("asks LiveChat for tokens, bot, bot token, status and webhooks, and for nothing else", async () => {
    const stage = await startTestStage();

    const page = wordsOf(await (await stage.installLivechat()).text());

    expect(page).toContain(`The Pizza BOT now works on organization ${ORGANIZATION} .`);
    expect(calls(stage)).toEqual(["authorize", ...INSTALL_CALLS]);
  });

  test.each(["", "&state="])(
    "from the marketplace, which brings no state (%j), works as well",
    async (state) => {
      const stage = await startTestStage();
      const url = `/livechat/token?code=${encodeURIComponent(stage.livechat.issueCode())}${state}`;

      expect(await (await visit(stage.serverUrl + url)).text()).toContain(ORGANIZATION);
    },
  );

  test("with a state that is not this browser's is refused, and LiveChat is not called", async () => {
    const stage = await startTestStage();
    const { state } = await beginInstall(stage.serverUrl, "/livechat/install");
    const code = stage.livechat.issueCode();

    await request(stage.serverUrl).get("/livechat/token").query({ code, state }).expect(400);
    await request(stage.serverUrl).get("/livechat/token").query({ code, state: "forged" }).expect(400);

    expect(calls(stage)).toEqual([]);
  });

  test("on both platforms in one browser at the same time: neither disturbs the other", async () => {
    const stage = await startTestStage();
    const begun = async (path: string) => {
      const { headers } = await request(stage.serverUrl).get(path).expect(302);
      const consent = await fetch(headers.location ?? "", { redirect: "manual" });
      const [cookie = ""] = [headers["set-cookie"] ?? []].flat();
      return { back: consent.headers.get("location") ?? "", cookie: cookie.split(";")[0] ?? "" };
    };
    const livechat = await begun("/livechat/install");
    const chatio = await begun("/install");
    const headers = { cookie: `${livechat.cookie}; ${chatio.cookie}` };

    expect((await fetch(livechat.back, { headers })).status).toBe(200);
    expect((await fetch(chatio.back, { headers })).status).toBe(200);
  });

  test("the code of one browser is of no use in another, although both began here", async () => {
    const stage = await startTestStage();
    const [mine, theirs] = [
      await beginInstall(stage.serverUrl, "/livechat/install"),
      await request(stage.serverUrl).get("/livechat/install").expect(302),
    ];
    const consent = await fetch(theirs.headers.location ?? "", { redirect: "manual" });
    const code = new URL(consent.headers.get("location") ?? "").searchParams.get("code") ?? "";

    const { status } = await request(stage.serverUrl)
      .get("/livechat/token")
      .query({ code, state: mine.state })
      .set("Cookie", mine.cookie);

    expect(status).toBe(502);
    expect(stage.livechat.botAgents(ORGANIZATION)).toEqual([]);
  });

  test("after a refused consent a page says what to do", async () => {
    const stage = await startTestStage();
    for (const query of ["error=access_denied", "oauth_exception=missing_grant"]) {
      const { text } = await request(stage.serverUrl).get(`/livechat/token?${query}`).expect(400);
      expect(wordsOf(text)).toContain("The Pizza BOT was not allowed at LiveChat.");
      expect(wordsOf(text)).toContain("start again and allow the app");
      expect(text).toContain('href="/livechat/install">Start the installation again</a>');
    }
  });

  test("by somebody who is no administrator ends on a page that says who can", async () => {
    const stage = await startTestStage();
    stage.livechat.setAdministrator(ORGANIZATION, false);
    const code = stage.livechat.issueCode();
    const answers = [
      await request(stage.serverUrl).get("/livechat/token").query({ code }).expect(502),
      await request(stage.serverUrl).get("/livechat/token?error=invalid_scope").expect(400),
    ];

    for (const { text } of answers) {
      expect(wordsOf(text)).toMatch(/[Oo]nly an administrator of the organization/);
    }
    expect(stage.livechat.botAgents(ORGANIZATION)).toEqual([]);
  });

  test.each(["invalid_grant", "unauthorized_client"] as const)(
    "with a used code, refused as %s, a page says to start again",
    async (deadGrant) => {
      const stage = await startTestStage();
      stage.livechat.undocumented.deadGrant = deadGrant;
      const url = `/livechat/token?code=${encodeURIComponent(stage.livechat.issueCode())}`;
      await request(stage.serverUrl).get(url).expect(200);

      const { text } = await request(stage.serverUrl).get(url).expect(502);

      expect(wordsOf(text)).toContain("The code was already used or has expired. Start again");
      expect(wordsOf(text)).toContain("LIVECHAT_CLIENT_ID and LIVECHAT_CLIENT_SECRET");
    },
  );

  test("in an organization that is not on the list is refused", async () => {
    const stage = await startTestStage({ LIVECHAT_ALLOWED_ORGANIZATIONS: OTHER_ORGANIZATION });

    const page = await stage.installLivechat();

    expect(page.status).toBe(403);
    expect(wordsOf(await page.text())).toContain(`Organization ${ORGANIZATION} may not use this server.`);
  });
});

describe("reacting", () => {
  test("a customer's pizza begins a chat: the bot joins, tells the agents only, and leaves", async () => {
    const stage = await startInstalled();

    const { chatId } = await stage.livechat.startChat(ORGANIZATION, "one pizza please");
    await waitUntilQuiet(stage, chatId, 1);

    expect(calls(stage)).toEqual(VISIT);
    const toAgents = stage.livechat.transcript(chatId).filter(({ recipients }) => recipients === "agents");
    expect(toAgents.filter(({ type }) => type === "message")).toMatchObject([
      { author: "Pizza BOT", text: SAID },
    ]);
  });

  test("the bot's own message, which comes back by webhook, causes no further reaction", async () => {
    const stage = await startInstalled();
    const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
    await waitUntilQuiet(stage, chatId, 1);

    expect(stage.livechat.deliveries.length).toBeGreaterThan(1);
    expect(stage.livechat.deliveries.map(({ status }) => status)).toEqual(
      stage.livechat.deliveries.map(() => 200),
    );
    expect(calls(stage)).toEqual(VISIT);
  });

  test("an agent's pizza counts as much as a customer's; other words do not", async () => {
    const stage = await startInstalled();
    const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizzazz at the pizzeria");
    await stage.livechat.agentWrites(chatId, "You mean PIZZAS?", "agents");
    await waitUntilQuiet(stage, chatId, 1);
  });

  test("a message that is delivered three times, or in two kinds of webhook, is reacted to once", async () => {
    const stage = await startInstalled();
    stage.livechat.delivery.copies = 3;
    const { chatId, eventId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
    await waitUntilQuiet(stage, chatId, 1);

    const again = anIncomingLivechatEvent({
      secret: stage.settings.LIVECHAT_WEBHOOK_SECRET ?? "",
      chatId,
      event: aLivechatEvent({ id: eventId }),
    });
    expect(await post(stage, again)).toEqual([200, { status: "duplicate" }]);
    expect(calls(stage)).toEqual(VISIT);
  });

  test("each of several messages at the same moment gets one reaction, one after the other", async () => {
    const stage = await startInstalled();
    const { chatId } = await stage.livechat.startChat(ORGANIZATION, "hello");
    await Promise.all([1, 2, 3, 4].map((n) => stage.livechat.customerWrites(chatId, `pizza ${n}`)));
    await waitUntilQuiet(stage, chatId, 4);

    expect(calls(stage)).toEqual(Array(4).fill(VISIT).flat());
  });

  test("a wrong secret is 401, no JSON 400, an unknown organization 200 and ignored; nobody is called", async () => {
    const stage = await startInstalled();
    const secret = stage.settings.LIVECHAT_WEBHOOK_SECRET ?? "";

    expect(await post(stage, anIncomingLivechatEvent({ secret: "secret-of-nobody" }))).toEqual([
      401,
      { error: "The delivery's secret_key is not LIVECHAT_WEBHOOK_SECRET." },
    ]);
    expect(await post(stage, "{")).toEqual([400, { error: "The body is not JSON." }]);
    expect(await post(stage, { secret_key: secret, action: "incoming_event" })).toMatchObject([400, {}]);
    expect(await post(stage, anIncomingLivechatEvent({ secret, organization: OTHER_ORGANIZATION }))).toEqual([
      200,
      { status: "ignored" },
    ]);
    expect(calls(stage)).toEqual([]);
  });

  test("organizations are served side by side", async () => {
    const stage = await startInstalled();
    stage.livechat.addOrganization(OTHER_ORGANIZATION, "other@company.example");
    stage.livechat.signIn(OTHER_ORGANIZATION);
    expect(await (await stage.installLivechat()).text()).toContain(OTHER_ORGANIZATION);

    const [mine, theirs] = [
      await stage.livechat.startChat(ORGANIZATION, "pizza"),
      await stage.livechat.startChat(OTHER_ORGANIZATION, "pizza"),
    ];

    await vi.waitFor(() => {
      expect(said(stage, mine.chatId)).toEqual([SAID]);
      expect(said(stage, theirs.chatId)).toEqual([SAID]);
    });
  });

  test("chats do not wait for each other", async () => {
    const stage = await startInstalled();
    stage.livechat.faults.inject({ kind: "hang", endpoint: "add_user_to_chat", times: 1 });
    const slow = await stage.livechat.startChat(ORGANIZATION, "pizza");
    await vi.waitFor(() => expect(stage.livechat.faults.injected()).toBe(1));
    const quick = await stage.livechat.startChat(ORGANIZATION, "pizza");
    await waitUntilQuiet(stage, quick.chatId, 1);
    expect(said(stage, slow.chatId)).toEqual([]);
    await stage.livechat.stop();
  });

  test("expired tokens, a new group, a bot off line and another region: all in one way, with one reply", async () => {
    const stage = await startInstalled();
    const { livechat } = stage;
    const [bot] = livechat.botAgents(ORGANIZATION);
    livechat.expireBotTokens();
    livechat.expireAccessTokens();
    livechat.setRegion(ORGANIZATION, "fra");
    livechat.setRoutingStatus(ORGANIZATION, bot?.id ?? "", "offline");
    const sales = livechat.addGroup(ORGANIZATION, "Sales");
    const chatId = livechat.openChat(ORGANIZATION, sales);

    await livechat.customerWrites(chatId, "pizza");

    await waitUntilQuiet(stage, chatId, 1);
    const made = calls(stage);
    for (const once of ["refresh", "update_bot"]) {
      expect(made.filter((name) => name === once)).toHaveLength(1);
    }
  });

  test("a chat that is over before the bot comes ends the job as done", async () => {
    const stage = await startInstalled();
    stage.livechat.faults.inject({ kind: "status-503", endpoint: "add_user_to_chat", times: 1 });
    const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
    stage.livechat.archiveChat(chatId);

    await vi.waitFor(
      () => expect(stage.sink.messages()).toContain("Job done: not said, the chat is over"),
      5000,
    );
    expect(said(stage, chatId)).toEqual([]);
  });

  test("a failed call is in the log with its x-debug-id, and no token is", async () => {
    const stage = await startInstalled();
    stage.livechat.faults.inject({
      kind: "refused",
      status: 413,
      type: "entity_too_large",
      endpoint: "send_event",
    });

    await stage.livechat.startChat(ORGANIZATION, "pizza");

    await vi.waitFor(() => expect(stage.sink.text()).toMatch(/entity_too_large, x-debug-id [\w-]+/));
    expect(stage.sink.text()).not.toContain("secret_key");
  });
});

test("what dies of a bot that was removed there is shown, and is put right by a reinstall and a retry", async () => {
  const stage = await startInstalled({ ADMIN_PASSWORD: PASSWORD });
  const [bot] = stage.livechat.botAgents(ORGANIZATION);
  const chatId = stage.livechat.openChat(ORGANIZATION);
  stage.livechat.removeBotAgent(ORGANIZATION, bot?.id ?? "");
  await stage.livechat.customerWrites(chatId, "pizza");
  const operator = asOperator(stage.serverUrl);
  await vi.waitFor(async () =>
    expect(wordsOf((await operator.get("/status")).text)).toContain("needs a reinstall"),
  );
  await vi.waitFor(
    async () =>
      expect((await operator.get("/readyz").expect(200)).body.warnings).toEqual([
        `LiveChat: installations that only a reinstall brings back to work: 1. Open ${stage.settings.PUBLIC_URL}/livechat/install`,
        expect.stringMatching(/^LiveChat: dead jobs: 1\. See why: /),
      ]),
    5000,
  );
  await vi.waitFor(() => expect(stage.sink.text()).toContain("Job dead"));

  expect((await stage.installLivechat()).status).toBe(200);
  const page = (await operator.get("/status?state=dead")).text;
  const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec(page) ?? [];
  await operator.post("/status/retry").type("form").send({ csrf, all: "dead" }).expect(303);

  await waitUntilQuiet(stage, chatId, 1);
});

test("status page, health, metrics and start page show LiveChat first", async () => {
  const stage = await startInstalled({ ADMIN_PASSWORD: PASSWORD });
  const { chatId } = await stage.livechat.startChat(ORGANIZATION, "pizza");
  await waitUntilQuiet(stage, chatId, 1);
  const operator = asOperator(stage.serverUrl);

  expect(wordsOf((await operator.get("/status").expect(200)).text)).toContain(`LiveChat ${ORGANIZATION} ok`);
  expect(Object.keys((await request(stage.serverUrl).get("/readyz")).body)).toEqual([
    "status",
    "LiveChat",
    "chat.io",
    "Webex",
  ]);
  const metrics = (await operator.get("/metrics").expect(200)).text;
  for (const line of [
    'chatops_deliveries_total{platform="livechat",answer="accepted"} 1',
    'chatops_platform_calls_total{platform="livechat",call="send_event",outcome="202"} 1',
    'chatops_installations{platform="livechat",state="ok"} 1',
    'chatops_platform_failing{platform="livechat"} 0',
  ])
    expect(metrics).toContain(line);
  const start = (await request(stage.serverUrl).get("/").expect(200)).text;
  expect(start).toContain(`href="${stage.serverUrl}/livechat/install">Install on another organization</a>`);
  expect(start.indexOf("Install on another organization")).toBeLessThan(start.indexOf("Add to chat.io"));
});
