import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { NotAllowed, StoreError } from "../../../src/errors.ts";
import {
  createInstalledLivechat,
  createLivechatDesk,
  INSTALL_CALLS,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  refusedWith,
} from "../../support/livechat.ts";

const VERIFIER = "a-verifier-of-at-least-43-characters_1234567890";

test("a browser is sent to consent with the app, where to come back to, the state and a challenge", async () => {
  const { installer, sandbox } = await createLivechatDesk();

  const url = new URL(installer.consentUrl("state/with+odd&signs", VERIFIER));

  expect(url.origin + url.pathname).toBe(`${sandbox.accountsUrl}/`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    response_type: "code",
    client_id: "client-id-invented",
    redirect_uri: "https://bots.example/livechat/token",
    state: "state/with+odd&signs",
    code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
    code_challenge_method: "S256",
  });
});

test("the code of a consent is good with the verifier of its challenge, and with no other", async () => {
  const { installer } = await createLivechatDesk();
  const consent = async () => {
    const { headers } = await fetch(installer.consentUrl("state", VERIFIER), { redirect: "manual" });
    return new URL(headers.get("location") ?? "").searchParams.get("code") ?? "";
  };

  await expect(installer.install(await consent(), `${VERIFIER}-of-another`)).rejects.toMatchObject({
    type: "invalid_grant",
  });
  expect(await installer.install(await consent(), VERIFIER)).toEqual({ account: ORGANIZATION });
});

test("a first installation makes one bot, in all groups as a supervisor, on line, and enables webhooks", async () => {
  const { sandbox, install, kept, bots, calls } = await createLivechatDesk();
  const sales = sandbox.addGroup(ORGANIZATION, "Sales");
  const before = Date.now();

  expect(await install()).toEqual({ account: ORGANIZATION });

  expect(calls()).toEqual(INSTALL_CALLS);
  const [bot, ...others] = bots();
  expect(others).toEqual([]);
  expect(bot).toMatchObject({
    name: "Pizza BOT",
    status: "not_accepting_chats",
    groups: [
      { id: 0, priority: "supervisor" },
      { id: sales, priority: "supervisor" },
    ],
  });
  const installation = await kept();
  expect(installation).toMatchObject({ botId: bot?.id, botIsCurrent: true, needsReinstall: false });
  expect(installation.obtainedAt).toBeGreaterThanOrEqual(before);
  expect(installation.expiresAt - installation.obtainedAt).toBe(8 * 3_600_000);
});

test("installing again keeps the bot and its secret, and lets it into groups made since", async () => {
  const { sandbox, install, kept, bots, calls } = await createInstalledLivechat();
  const [first] = bots();
  const { credentials } = await kept();
  const sales = sandbox.addGroup(ORGANIZATION, "Sales");

  await install();

  expect(calls()).toEqual([
    "exchange",
    "list_bots",
    "list_groups",
    "update_bot",
    "issue_bot_token",
    "set_routing_status",
    "enable_license_webhooks",
  ]);
  expect(bots().map(({ id }) => id)).toEqual([first?.id]);
  expect(bots()[0]?.groups.map(({ id }) => id)).toEqual([0, sales]);
  const again = await kept();
  expect(again.credentials.botSecret).toBe(credentials.botSecret);
  expect(again.credentials.accessToken).not.toBe(credentials.accessToken);
});

test("a bot whose secret is lost, as after a crash, is taken over with a new secret", async () => {
  const { install, installations, bots, calls, kept } = await createInstalledLivechat();
  const [first] = bots();
  await installations.remove(ORGANIZATION);

  await install();

  expect(calls().slice(3, 6)).toEqual(["update_bot", "reset_bot_secret", "issue_bot_token"]);
  expect(bots().map(({ id }) => id)).toEqual([first?.id]);
  expect((await kept()).botId).toBe(first?.id);
});

test("a bot that people have given another name is still the one", async () => {
  const { sandbox, install, kept, bots } = await createInstalledLivechat();
  const { botId, credentials } = await kept();
  await fetch(`${sandbox.apiUrl}/v3.6/configuration/action/update_bot`, {
    method: "POST",
    headers: { authorization: `Bearer ${credentials.accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ id: botId, name: "Pizza for us" }),
  });

  await install();

  expect(bots()).toMatchObject([{ id: botId, name: "Pizza for us" }]);
});

test("a secret that was reset elsewhere is reset once more", async () => {
  const { install, installations, calls, kept } = await createInstalledLivechat();
  const stale = await kept();
  await installations.save({ ...stale, credentials: { ...stale.credentials, botSecret: "reset-since" } });

  await install();

  expect(calls().slice(3, 7)).toEqual([
    "update_bot",
    "issue_bot_token",
    "reset_bot_secret",
    "issue_bot_token",
  ]);
});

test("a bot that was removed there is made anew", async () => {
  const { sandbox, install, bots, kept } = await createInstalledLivechat();
  const [first] = bots();
  sandbox.removeBotAgent(ORGANIZATION, first?.id ?? "");

  await install();

  expect(bots()).toMatchObject([{ name: "Pizza BOT", status: "not_accepting_chats" }]);
  expect((await kept()).botId).not.toBe(first?.id);
});

test("a reinstall takes the mark away, whatever the reason was", async () => {
  const { install, installations, installer, kept } = await createInstalledLivechat();
  const old = await kept();
  await installations.save({ ...old, needsReinstall: true, details: { ...old.details, hasExpired: true } });
  expect(await installer.countInstallations()).toMatchObject({ needingReinstall: 1 });

  await install();

  const { needsReinstall, details } = await kept();
  expect([needsReinstall, details.hasExpired]).toEqual([false, undefined]);
});

test("two installations of one organization at once make one bot", async () => {
  const { install, bots, calls } = await createLivechatDesk();

  await Promise.all([install(), install()]);

  expect(bots()).toHaveLength(1);
  expect(calls().filter((name) => name === "create_bot")).toHaveLength(1);
});

test("organizations are installed apart from each other", async () => {
  const { sandbox, install, installations } = await createInstalledLivechat();
  sandbox.addOrganization(OTHER_ORGANIZATION);

  expect(await install(OTHER_ORGANIZATION)).toEqual({ account: OTHER_ORGANIZATION });

  expect((await installations.list()).map(({ account }) => account)).toEqual([
    ORGANIZATION,
    OTHER_ORGANIZATION,
  ]);
});

test("an organization kept in another region is installed there, and the region is remembered", async () => {
  const { sandbox, install, kept, calls } = await createLivechatDesk();
  sandbox.setRegion(ORGANIZATION, "eu-west3");

  await install();

  expect(calls().filter((name) => name === "list_bots")).toHaveLength(2);
  expect((await kept()).details.region).toBe("eu-west3");
  await install();
  expect(calls().filter((name) => name === "list_bots")).toHaveLength(1);
});

test("an organization that is not on the list is told so, its token is taken back, and no bot is made", async () => {
  const { install, bots, calls, installations } = await createLivechatDesk({
    allowedOrganizations: [OTHER_ORGANIZATION],
  });

  await expect(install()).rejects.toThrow(
    new NotAllowed(`Organization ${ORGANIZATION} may not use this server.`),
  );

  expect(calls()).toEqual(["exchange", "revoke"]);
  expect(bots()).toEqual([]);
  expect(await installations.list()).toEqual([]);
});

test.each(["invalid_grant", "unauthorized_client"] as const)(
  "a used code, refused as %s, leaves all as it is",
  async (deadGrant) => {
    const { sandbox, installer, calls } = await createInstalledLivechat();
    sandbox.undocumented.deadGrant = deadGrant;
    const code = sandbox.issueCode();
    await installer.install(code, null);
    calls();

    await expect(installer.install(code, null)).rejects.toMatchObject({ type: deadGrant });

    expect(calls()).toEqual(["exchange"]);
  },
);

/** Once the code is exchanged. */
const STEPS = INSTALL_CALLS.slice(1);
const ENDS = [
  ["refused", refusedWith("limit_reached", 422)],
  ["without an answer", { kind: "reset" }],
  ["done without an answer", { kind: "lost-answer" }],
] as const;

test.each(STEPS.flatMap((step) => ENDS.map(([how, end]) => [step, how, end] as const)))(
  "a first installation whose %s is %s leaves no bot, no token and no installation behind",
  async (step, _how, end) => {
    const { install, installations, bots, next, calls } = await createLivechatDesk();
    next(step, end);

    await expect(install()).rejects.toMatchObject({ name: "PlatformError" });

    expect(bots()).toEqual([]);
    expect(calls().at(-1)).toBe("revoke");
    expect(await installations.list()).toEqual([]);
    expect(await install()).toEqual({ account: ORGANIZATION });
    expect(bots()).toHaveLength(1);
  },
);

test("a first installation that cannot be kept leaves nothing behind either", async () => {
  const { install, installations, bots, failSaves, calls } = await createLivechatDesk();
  failSaves(new StoreError("the disk is full"));

  await expect(install()).rejects.toThrow("the disk is full");

  expect(calls().slice(-2)).toEqual(["delete_bot", "revoke"]);
  expect(bots()).toEqual([]);
  expect(await installations.list()).toEqual([]);
});

test.each(["list_bots", "update_bot", "issue_bot_token", "set_routing_status", "enable_license_webhooks"])(
  "where installing again fails at %s, the earlier installation works on with its bot",
  async (step) => {
    const { sandbox, install, kept, bots, next, react, said } = await createInstalledLivechat();
    const before = await kept();
    next(step, { kind: "status-503" });

    await expect(install()).rejects.toMatchObject({ status: 503 });

    expect(await kept()).toEqual(before);
    expect(bots().map(({ id }) => id)).toEqual([before.botId]);
    const chatId = sandbox.openChat(ORGANIZATION);
    expect(await react(chatId)).toBe("replied to the agents");
    expect(said(chatId)).toHaveLength(1);
  },
);

test("an installer who is no administrator is refused by name, with nothing left behind", async () => {
  const { sandbox, install, calls, bots } = await createLivechatDesk();
  sandbox.setAdministrator(ORGANIZATION, false);

  await expect(install()).rejects.toMatchObject({ type: "invalid_scope" });

  expect(calls()).toEqual(["exchange"]);
  expect(bots()).toEqual([]);
});

test("that it was installed is in the log, without a secret", async () => {
  const { sink, kept, sandbox } = await createInstalledLivechat();

  expect(sink.text()).toContain(`"account":"${ORGANIZATION}"`);
  expect(sink.text()).toContain("The Pizza BOT is installed.");
  for (const hidden of Object.values((await kept()).credentials)) expect(sink.text()).not.toContain(hidden);
  expect(sandbox.webhooks()).toEqual([]);
});
