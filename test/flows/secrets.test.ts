import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { LICENSE, ORGANIZATION } from "../../src/demo/stage.ts";
import { type CommandName, runCli } from "../support/cli.ts";
import { livechatLines } from "../support/livechat-stage.ts";
import { pizzaLines, startTestStage } from "../support/stage.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** Every secret there is has this in it, or is read from the database with its key. */
const MARK = "MARKED-SECRET";
const BOT_TOKEN = "demo-bot-token";

test("no secret, no message text and no balance leaves by a log, an answer, a page, a metric, a command or the database", async () => {
  const folder = temporaryFolder();
  const settings = {
    DATABASE_URL: `file:${join(folder, "test.db")}`,
    ADMIN_PASSWORD: `${MARK}-admin`,
    ACCOUNTS_FILE: join(import.meta.dirname, "..", "fixtures", "accounts.json"),
    LOG_LEVEL: "trace",
  };
  const stage = await startTestStage(settings);
  const seen: string[] = [];
  const wire: string[] = [];
  const get = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${stage.serverUrl}${path}`, { redirect: "manual", ...init });
    seen.push(
      `${[...answer.headers].filter(([name]) => name !== "set-cookie").join("\n")} ${await answer.text()}`,
    );
  };

  // Everything that happens in a day, good and bad.
  seen.push(await (await stage.install()).text(), await (await stage.installLivechat()).text());
  wire.push(...(await credentialsIn(join(folder, "test.db"))));
  const { chatId } = await stage.chatio.startChat(LICENSE, `pizza, and my password is ${MARK}-text`);
  await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(1), 5000);
  const modern = await stage.livechat.startChat(ORGANIZATION, `pizza, and my password is ${MARK}-text`);
  await vi.waitFor(() => expect(livechatLines(stage, modern.chatId)).toHaveLength(1), 5000);
  const room = stage.webex.addRoom({ title: "Accounts", members: ["ana@example.com"] });
  await stage.webex.says("ana@example.com", room.id, `@globobot ${MARK}-text acct777`);
  stage.chatio.faults.inject({ kind: "status-500", endpoint: "send_event", times: 1 });
  await stage.chatio.customerWrites(chatId, `more pizza ${MARK}-text`);
  stage.chatio.expireAccessTokens(LICENSE);
  await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(2), 8000);
  stage.livechat.faults.inject({ kind: "refused", type: "authorization", status: 403, times: 1 });
  stage.livechat.expireAccessTokens();
  stage.livechat.expireBotTokens();
  await stage.livechat.customerWrites(modern.chatId, `even more pizza ${MARK}-text`);
  await stage.livechat.customerWrites(modern.chatId, `and another pizza ${MARK}-text`);
  await vi.waitFor(() => expect(livechatLines(stage, modern.chatId)).toHaveLength(2), 8000);
  wire.push(...(await credentialsIn(join(folder, "test.db"))));
  stage.webex.delivery.signature = "wrong";
  await stage.webex.says("ana@example.com", room.id, `@globobot ${MARK}-text`);

  const auth = { authorization: `Basic ${Buffer.from(`me:${MARK}-admin`).toString("base64")}` };
  for (const path of [
    "/",
    "/healthz",
    "/readyz",
    "/install",
    "/livechat/install",
    ...["/token", "/livechat/token"].flatMap((path) => [
      `${path}?code=${MARK}-code`,
      `${path}?state=${MARK}-state&code=a`,
      `${path}?oauth_exception=${MARK}-error`,
    ]),
    "/nowhere",
  ]) {
    await get(path);
  }
  for (const path of ["/readyz", "/metrics", "/status", "/status?state=done", "/crm", "/crm?account=acct9"])
    await get(path, { headers: auth });
  await get("/metrics", {
    headers: { authorization: `Basic ${Buffer.from(`me:${MARK}-guess`).toString("base64")}` },
  });
  for (const path of ["/webhook", "/livechat/webhook", "/wtwebhook"]) {
    for (const body of [`{"secret_key":"${MARK}-key"}`, `not json ${MARK}-body`, `{"a":"${MARK}-body"}`]) {
      await get(path, { method: "POST", body, headers: { "content-type": "application/json" } });
    }
  }

  const commands: [CommandName, ...string[]][] = [
    ["inbox", "list"],
    ["inbox", "list", "--json"],
    ["installs", "list"],
    ["webhooks", "list", "--json"],
    ["doctor"],
  ];
  const changes: typeof commands = [
    ["webhooks", "add", "livechat"],
    ["installs", "remove", String(LICENSE)],
    ["installs", "remove", ORGANIZATION],
  ];
  const ended = await Promise.all(commands.map(([name, ...args]) => runCli(name, args, stage.settings)));
  for (const [name, ...args] of changes) ended.push(await runCli(name, args, stage.settings));
  expect(ended.map(({ code }) => code)).toEqual([...commands, ...changes].map(() => 0));

  const database = readdirSync(folder).map((file) => readFileSync(join(folder, file), "latin1"));
  const places: Record<string, string> = {
    log: stage.sink.text(),
    answers: seen.join("\n"),
    commands: ended.map(({ out, err }) => out + err).join("\n"),
    database: database.join("\n"),
  };
  const secrets = [
    MARK,
    BOT_TOKEN,
    "demo-webhook-secret",
    "demo-client-secret",
    "demo-livechat-webhook-secret",
    "demo-personal-access-token",
    "24680.13",
    ...wire,
  ];
  // chat.io: two pairs of tokens and a webhook secret. LiveChat: two access tokens, a refresh token, two bot tokens and a
  // bot secret.
  expect(new Set(wire).size).toBe(11);
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(100);
    for (const secret of secrets) expect(text.includes(secret), `${secret} in the ${place}`).toBe(false);
  }
}, 60_000);

/** The tokens and secrets of all installations as they are now, read with the key that the server has. */
async function credentialsIn(path: string): Promise<string[]> {
  const installations = await openTestStore(path, "demo-client-secret").installations.list();
  return installations.flatMap(({ credentials }) => Object.values(credentials ?? {}));
}
