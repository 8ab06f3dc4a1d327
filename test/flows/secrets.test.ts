import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { LICENSE, ORGANIZATION } from "../../src/demo/stage.ts";
import { type CommandName, runCli } from "../support/cli.ts";
import { pizzaLines, startTestStage, type TestStage } from "../support/stage.ts";
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
  seen.push(await (await stage.install()).text());
  seen.push(await (await stage.installLivechat()).text());
  wire.push(...(await credentialsIn(join(folder, "test.db"))));
  const { chatId } = await stage.chatio.startChat(LICENSE, `pizza, and my password is ${MARK}-text`);
  await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(1), 5000);
  const { chatId: other } = await stage.livechat.startChat(ORGANIZATION, `pizza for ${MARK}-text`);
  await vi.waitFor(() => expect(livechatLines(stage, other)).toHaveLength(1), 5000);
  stage.livechat.expireBotTokens();
  stage.livechat.expireAccessTokens();
  stage.livechat.faults.inject({ kind: "status-500", endpoint: "send_event", times: 1 });
  await stage.livechat.customerWrites(other, `more pizza ${MARK}-text`);
  await vi.waitFor(() => expect(livechatLines(stage, other)).toHaveLength(2), 8000);
  const room = stage.webex.addRoom({ title: "Accounts", members: ["ana@example.com"] });
  await stage.webex.says("ana@example.com", room.id, `@globobot ${MARK}-text acct777`);
  stage.chatio.faults.inject({ kind: "status-500", endpoint: "send_event", times: 1 });
  await stage.chatio.customerWrites(chatId, `more pizza ${MARK}-text`);
  stage.chatio.expireAccessTokens(LICENSE);
  await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(2), 8000);
  wire.push(...(await credentialsIn(join(folder, "test.db"))));
  stage.webex.delivery.signature = "wrong";
  await stage.webex.says("ana@example.com", room.id, `@globobot ${MARK}-text`);

  const auth = { authorization: `Basic ${Buffer.from(`me:${MARK}-admin`).toString("base64")}` };
  for (const path of [
    "/",
    "/healthz",
    "/readyz",
    "/install",
    `/token?code=${MARK}-code`,
    `/token?state=${MARK}-state&code=a`,
    "/livechat/install",
    `/livechat/token?code=${MARK}-code`,
    `/livechat/token?state=${MARK}-state&code=a`,
    `/livechat/token?oauth_exception=${MARK}-error`,
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
    ["installs", "remove", String(LICENSE)],
    ["installs", "remove", ORGANIZATION],
  ];
  const ended = await Promise.all(
    commands.slice(0, -2).map(([name, ...args]) => runCli(name, args, stage.settings)),
  );
  for (const [name, ...args] of commands.slice(-2)) ended.push(await runCli(name, args, stage.settings));
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0, 0]);

  const database = readdirSync(folder).map((file) => readFileSync(join(folder, file), "latin1"));
  const places: Record<string, string> = {
    log: stage.sink.text(),
    answers: seen.join("\n"),
    commands: ended.map(({ out, err }) => out + err).join("\n"),
    database: database.join("\n"),
  };
  const { LIVECHAT_WEBHOOK_SECRET = "", LIVECHAT_PAT = "" } = stage.settings;
  const [, pat = ""] = LIVECHAT_PAT.split(":");
  const set = ["demo-webhook-secret", "demo-client-secret", LIVECHAT_WEBHOOK_SECRET, pat];
  const secrets = [MARK, BOT_TOKEN, "24680.13", ...set, ...wire];
  // chat.io: two pairs of tokens, a webhook secret; LiveChat: two access and bot tokens, what renews them.
  expect(new Set(wire).size).toBe(5 + 6);
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(100);
    for (const secret of secrets) expect(text.includes(secret), `${secret} in the ${place}`).toBe(false);
  }
}, 60_000);

/** The tokens and secrets as they are now, read with the key that the server has. */
async function credentialsIn(path: string): Promise<string[]> {
  const all = await openTestStore(path, "demo-client-secret").installations.list();
  return all.flatMap(({ credentials }) => Object.values(credentials ?? {}));
}

function livechatLines({ livechat }: TestStage, chatId: string): object[] {
  return livechat.transcript(chatId).filter(({ author }) => author === "Pizza BOT");
}
