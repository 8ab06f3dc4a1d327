import { describe, expect, test, vi } from "vitest";
import { PlatformError } from "../../../src/errors.ts";
import { stopClock } from "../../support/clock.ts";
import { createInstalledLivechat, ORGANIZATION, refusedWith } from "../../support/livechat.ts";

const SAID = "Pizza is on the way!";
const DONE = "replied to the agents";
const VISIT = ["add_user_to_chat", "send_event", "remove_user_from_chat"];

test("the bot joins, says its sentence to the agents only, and leaves", async () => {
  const { sandbox, react, calls, isIn } = await createInstalledLivechat();
  const chatId = sandbox.openChat(ORGANIZATION);

  expect(await react(chatId)).toBe(DONE);

  expect(calls()).toEqual(VISIT);
  expect(sandbox.transcript(chatId)).toContainEqual({
    type: "message",
    author: "Pizza BOT",
    text: SAID,
    recipients: "agents",
  });
  expect(await isIn(chatId)).toBe(false);
});

test("where one of several replies is for everyone, the bot joins for everyone to see, and tells each its own", async () => {
  const { sandbox, react, calls, isIn } = await createInstalledLivechat();
  const chatId = sandbox.openChat(ORGANIZATION);
  const replies = [
    { text: "Refunds: macro 12.", to: "agents" },
    { text: "We are open until ten.", to: "everyone" },
  ];

  const outcome = await react(chatId, { payload: { account: ORGANIZATION, chatId, replies } });

  expect(outcome).toBe("replied to everyone, and to the agents");
  expect(calls()).toEqual(["add_user_to_chat", "send_event", "send_event", "remove_user_from_chat"]);
  const said = sandbox.transcript(chatId).filter(({ type }) => type === "message");
  expect(said.map(({ text, recipients }) => `${recipients}: ${text}`)).toEqual([
    "agents: Refunds: macro 12.",
    "all: We are open until ten.",
  ]);
  expect(await isIn(chatId)).toBe(false);
});

describe("what can be put right is put right, and the call is made once more:", () => {
  test("an expired bot token is issued again, and the access token left alone", async () => {
    const { sandbox, react, calls, kept } = await createInstalledLivechat();
    const before = await kept();
    sandbox.expireBotTokens(ORGANIZATION);

    expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);

    expect(calls()).toEqual(["add_user_to_chat", "issue_bot_token", ...VISIT]);
    const { credentials } = await kept();
    expect(credentials).toEqual({ ...before.credentials, botToken: credentials.botToken });
    expect(credentials.botToken).not.toBe(before.credentials.botToken);
  });

  test("an expired bot token is issued again once, however many jobs meet it", async () => {
    const { sandbox, react, calls } = await createInstalledLivechat();
    sandbox.expireBotTokens(ORGANIZATION);
    const chats = Array.from({ length: 8 }, () => sandbox.openChat(ORGANIZATION));

    expect(await Promise.all(chats.map((chatId) => react(chatId)))).toEqual(chats.map(() => DONE));

    expect(calls().filter((name) => name === "issue_bot_token")).toHaveLength(1);
  });

  test("a bot token that cannot be issued now is asked for once, however many jobs meet it", async () => {
    const { sandbox, react, calls, next } = await createInstalledLivechat();
    sandbox.expireBotTokens(ORGANIZATION);
    next("issue_bot_token", { kind: "status-503" });
    const chats = Array.from({ length: 8 }, () => sandbox.openChat(ORGANIZATION));

    const failures = await Promise.all(chats.map((chatId) => react(chatId)));

    expect(failures).toEqual(chats.map(() => expect.objectContaining({ status: 503, retryable: true })));
    expect(calls().filter((name) => name === "issue_bot_token")).toHaveLength(1);
  });

  test("a bot token that a renewal could not issue is issued later, although the access token is refused by then", async () => {
    const { sandbox, react, calls, kept, installations } = await createInstalledLivechat();
    const installation = await kept();
    await installations.save({ ...installation, botIsCurrent: false, details: { botTokenIssuedAt: 0 } });
    sandbox.expireBotTokens(ORGANIZATION);
    sandbox.expireAccessTokens(ORGANIZATION);

    expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);

    expect(calls().filter((name) => name === "refresh")).toHaveLength(1);
    expect(await kept()).toMatchObject({ botIsCurrent: true });
  });

  test("with both tokens expired each is renewed once, the access token first", async () => {
    const { sandbox, react, calls } = await createInstalledLivechat();
    sandbox.expireBotTokens(ORGANIZATION);
    sandbox.expireAccessTokens(ORGANIZATION);
    const chats = Array.from({ length: 4 }, () => sandbox.openChat(ORGANIZATION));

    expect(await Promise.all(chats.map((chatId) => react(chatId)))).toEqual(chats.map(() => DONE));

    const renewals = calls().filter((name) => ["refresh", "issue_bot_token"].includes(name));
    expect(renewals).toEqual(["issue_bot_token", "refresh", "issue_bot_token"]);
  });

  test("a bot secret that was reset elsewhere is reset", async () => {
    const { sandbox, react, calls, kept, installations } = await createInstalledLivechat();
    const stale = await kept();
    const credentials = { ...stale.credentials, botSecret: "reset-since" };
    await installations.replace({ ...stale, credentials }, stale.credentials);
    sandbox.expireBotTokens(ORGANIZATION);

    expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);

    expect(calls()).toContain("reset_bot_secret");
    expect((await kept()).credentials.botSecret).not.toBe("reset-since");
  });

  test("a chat in a group that was made since: the bot is put into all groups", async () => {
    const { sandbox, react, calls, bots } = await createInstalledLivechat();
    const sales = sandbox.addGroup(ORGANIZATION, "Sales");

    expect(await react(sandbox.openChat(ORGANIZATION, sales))).toBe(DONE);

    expect(calls()).toEqual(["add_user_to_chat", "list_groups", "update_bot", ...VISIT]);
    expect(bots()[0]?.groups).toEqual([
      { id: 0, priority: "supervisor" },
      { id: sales, priority: "supervisor" },
    ]);
  });

  test("a bot that is off line is put back on line", async () => {
    const { sandbox, react, calls, bots, kept } = await createInstalledLivechat();
    sandbox.setRoutingStatus(ORGANIZATION, (await kept()).botId, "offline");

    expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);

    expect(calls()).toEqual(["add_user_to_chat", "set_routing_status", ...VISIT]);
    expect(bots()[0]?.status).toBe("not_accepting_chats");
  });

  test("an organization that has moved is called in its region, now and later", async () => {
    const { sandbox, react, calls, kept } = await createInstalledLivechat();
    sandbox.setRegion(ORGANIZATION, "us-south1");

    expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);
    expect(calls()).toEqual(["add_user_to_chat", ...VISIT]);
    expect((await kept()).details.region).toBe("us-south1");
    expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);
    expect(calls()).toEqual(VISIT);
  });

  test("several at once, each by its own remedy", async () => {
    const { sandbox, react, kept } = await createInstalledLivechat();
    const sales = sandbox.addGroup(ORGANIZATION, "Sales");
    sandbox.setRegion(ORGANIZATION, "fra");
    sandbox.expireBotTokens(ORGANIZATION);
    sandbox.setRoutingStatus(ORGANIZATION, (await kept()).botId, "offline");

    expect(await react(sandbox.openChat(ORGANIZATION, sales))).toBe(DONE);
  });
});

describe("what was put right may take its time:", () => {
  test.each([
    ["missing_access", ["add_user_to_chat", "list_groups", "update_bot", "add_user_to_chat"]],
    ["agent_offline", ["add_user_to_chat", "set_routing_status", "add_user_to_chat"]],
  ])("%s is tried again for two and a half minutes, then no more", async (type, expected) => {
    const { sandbox, react, calls, next } = await createInstalledLivechat();
    next("add_user_to_chat", refusedWith(type), 4);
    const chatId = sandbox.openChat(ORGANIZATION);

    expect(await react(chatId)).toMatchObject({ type, retryable: true, wasNotDone: true });
    expect(calls()).toEqual(expected);
    expect(await react(chatId, { acceptedAt: Date.now() - 150_000 })).toMatchObject({
      type,
      retryable: false,
    });
  });
});

describe("a chat that is over ends the job as done:", () => {
  test("an archived chat is not joined", async () => {
    const { sandbox, react, calls } = await createInstalledLivechat();
    const chatId = sandbox.openChat(ORGANIZATION);
    sandbox.archiveChat(chatId);

    expect(await react(chatId)).toBe("not said, the chat is over");

    expect(calls()).toEqual(["add_user_to_chat"]);
  });

  test("a chat that is not there is not joined, and the bot is looked at: it might be what is missing", async () => {
    const { react, calls } = await createInstalledLivechat();

    expect(await react("NOSUCHCHAT")).toBe("not said, the chat is over");

    expect(calls()).toEqual(["add_user_to_chat", "get_bot", "list_groups"]);
  });

  test("one that ends after the bot has joined is left", async () => {
    const { sandbox, react, calls, next } = await createInstalledLivechat();
    next("send_event", refusedWith("chat_inactive", 422));

    expect(await react(sandbox.openChat(ORGANIZATION))).toBe("not said, the chat is over");

    expect(calls()).toEqual(VISIT);
  });

  test("one that ends after the sentence was said counts as left", async () => {
    const { sandbox, react, next } = await createInstalledLivechat();
    next("remove_user_from_chat", refusedWith("chat_inactive", 422));

    expect(await react(sandbox.openChat(ORGANIZATION))).toBe(DONE);
  });
});

describe("being in the chat already, or no longer, is no failure:", () => {
  test.each(["refused", "accepted"] as const)("joining twice, %s", async (addedTwice) => {
    const { sandbox, react, bot, said, isIn } = await createInstalledLivechat();
    sandbox.undocumented.addedTwice = addedTwice;
    const chatId = sandbox.openChat(ORGANIZATION);
    const { botId, botToken } = await bot();
    const joined = await fetch(`${sandbox.apiUrl}/v3.6/agent/action/add_user_to_chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${botToken}`, "content-type": "application/json" },
      body: JSON.stringify({
        chat_id: chatId,
        user_id: botId,
        user_type: "agent",
        visibility: "agents",
        ignore_requester_presence: true,
      }),
    });
    expect(joined.ok).toBe(true);

    expect(await react(chatId)).toBe(DONE);

    expect([said(chatId), await isIn(chatId)]).toEqual([[SAID], false]);
  });

  test.each(["not_found", "validation"] as const)("leaving twice, refused as %s", async (removedTwice) => {
    const { sandbox, react, next, said } = await createInstalledLivechat();
    sandbox.undocumented.removedTwice = removedTwice;
    const chatId = sandbox.openChat(ORGANIZATION);
    next("remove_user_from_chat", { kind: "lost-answer" });

    const failure = await react(chatId, {});
    expect(failure).toMatchObject({ retryable: true, mustSucceed: true });
    const progress = { joined: true, sent: true, refusal: null, outsideAfter: 0 };
    expect(await react(chatId, { attempts: 2, progress })).toBe(DONE);

    expect(said(chatId)).toEqual([SAID]);
  });
});

describe("whatever fails half-way, the bot does not stay in:", () => {
  test.each([
    ["refused", refusedWith("entity_too_large", 413)],
    ["busy", { kind: "status-503" } as const],
    ["without an answer", { kind: "reset" } as const],
  ])("a sentence that is %s", async (_how, end) => {
    const { sandbox, react, next, isIn, said } = await createInstalledLivechat();
    const chatId = sandbox.openChat(ORGANIZATION);
    next("send_event", end);

    expect(await react(chatId)).toBeInstanceOf(PlatformError);

    expect([said(chatId), await isIn(chatId)]).toEqual([[], false]);
  });

  test("joining without an answer", async () => {
    const { sandbox, react, next, isIn } = await createInstalledLivechat();
    const chatId = sandbox.openChat(ORGANIZATION);
    next("add_user_to_chat", { kind: "lost-answer" });

    expect(await react(chatId)).toMatchObject({ retryable: true });

    expect(await isIn(chatId)).toBe(false);
  });
});

describe("what only a reinstall can put right is marked:", () => {
  test("a bot that was removed, whether its token or its secret shows it", async () => {
    const { sandbox, react, kept } = await createInstalledLivechat();
    sandbox.removeBotAgent(ORGANIZATION, (await kept()).botId);

    expect(await react(sandbox.openChat(ORGANIZATION))).toMatchObject({
      type: "needs_reinstall",
      message: `Organization ${ORGANIZATION} needs a reinstall: its bot was removed at LiveChat. Open /livechat/install to do so.`,
    });

    expect(await kept()).toMatchObject({ needsReinstall: true, botIsGone: true });
  });

  test("a subscription that has ended", async () => {
    const { sandbox, react, kept, calls } = await createInstalledLivechat();
    sandbox.setExpired(ORGANIZATION, true);
    const chatId = sandbox.openChat(ORGANIZATION);

    expect(await react(chatId)).toMatchObject({
      retryable: false,
      message: `Organization ${ORGANIZATION} needs a reinstall: its subscription to LiveChat has ended. Open /livechat/install to do so.`,
    });

    expect(await kept()).toMatchObject({ needsReinstall: true, botIsGone: false });
    calls();
    expect(await react(chatId)).toMatchObject({ type: "needs_reinstall" });
    expect(calls()).toEqual([]);
  });

  test.each(["invalid_grant", "unauthorized_client"] as const)(
    "tokens that were revoked, refused as %s",
    async (deadGrant) => {
      const { sandbox, react, kept } = await createInstalledLivechat();
      sandbox.undocumented.deadGrant = deadGrant;
      sandbox.revokeAll(ORGANIZATION);
      sandbox.expireBotTokens(ORGANIZATION);

      expect(await react(sandbox.openChat(ORGANIZATION))).toMatchObject({ type: "needs_reinstall" });

      expect(await kept()).toMatchObject({ needsReinstall: true, botIsGone: false });
    },
  );
});

test("a reaction that has waited too long is not made", async () => {
  stopClock();
  const { sandbox, react, calls } = await createInstalledLivechat();
  const acceptedAt = Date.now();
  vi.setSystemTime(Date.now() + 3_600_001);

  expect(await react(sandbox.openChat(ORGANIZATION), { acceptedAt })).toMatch(/^dropped/);

  expect(calls()).toEqual([]);
});
