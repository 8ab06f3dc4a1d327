import { z } from "zod";
import { startChatioSandbox } from "../../../src/sandbox/chatio/index.ts";
import { startLivechatSandbox } from "../../../src/sandbox/livechat/index.ts";
import { startWebexSandbox } from "../../../src/sandbox/webex/index.ts";
import { method, serve } from "../processes/serve.ts";
import { createCalls } from "./calls.ts";
import { APP, type Behaviour, BOT_TOKEN, behaviour, LICENSE, ORGANIZATION, type Question } from "./facts.ts";
import { install, installAtLivechat } from "./installing.ts";

const ANA = "ana@example.com";

const calls = createCalls();
const chatio = await startChatioSandbox({ ...APP, onAnswer: calls.note });
chatio.addLicense(LICENSE);
const livechat = await startLivechatSandbox({ ...APP, onAnswer: calls.note });
livechat.addOrganization(ORGANIZATION);
const webex = await startWebexSandbox({ botToken: BOT_TOKEN, onAnswer: calls.note });
/** Access tokens by license: what a license's calls are known by. */
const tokens = new Map<number, string[]>();
const ailing = new Map<number, Behaviour>();
let latencyMs = 0;

/** The first fault that fits a call strikes it, so those of single licenses come first. */
function setFaults(): void {
  for (const { faults } of [chatio, livechat, webex]) faults.clear();
  for (const [license, how] of ailing) {
    const kind = how === "down" ? "status-503" : "hang";
    for (const token of tokens.get(license) ?? []) chatio.faults.inject({ kind, token });
  }
  if (latencyMs === 0) return;
  for (const { faults } of [chatio, livechat, webex]) faults.inject({ kind: "slow", delayMs: latencyMs });
}

async function ask(): Promise<Question> {
  const { id: roomId } = webex.addRoom({ title: "Accounts", members: [ANA] });
  const { id: messageId } = await webex.says(ANA, roomId, "@globobot acct100");
  return { messageId, roomId };
}

const nothing = z.undefined();

serve({
  urls: method(nothing, () => ({ chatio: chatio.apiUrl, livechat: livechat.apiUrl, webex: webex.apiUrl })),
  install: method(z.array(z.number()), async (licenses) => {
    const installed = await install(chatio, licenses);
    for (const { account, accessToken } of installed) {
      const license = Number(account);
      tokens.set(license, [...(tokens.get(license) ?? []), accessToken]);
    }
    setFaults();
    return installed;
  }),
  openChats: method(z.object({ licenseId: z.number(), count: z.number() }), ({ licenseId, count }) =>
    Array.from({ length: count }, () => chatio.openChat(licenseId)),
  ),
  installAtLivechat: method(nothing, () => installAtLivechat(livechat)),
  openLivechatChats: method(z.number(), (count) =>
    Array.from({ length: count }, () => livechat.openChat(ORGANIZATION)),
  ),
  ask: method(z.number(), async (count) => {
    const questions: Question[] = [];
    while (questions.length < count) questions.push(await ask());
    return questions;
  }),
  setLatency: method(z.number(), (ms) => {
    latencyMs = ms;
    setFaults();
  }),
  behave: method(z.object({ licenses: z.array(z.number()), how: behaviour }), ({ licenses, how }) => {
    for (const license of licenses) {
      if (how === "well") ailing.delete(license);
      else ailing.set(license, how);
    }
    setFaults();
  }),
  endings: method(
    z.object({ places: z.array(z.string()), patienceMs: z.number() }),
    ({ places, patienceMs }) => calls.endings(places, patienceMs),
  ),
  reset: method(nothing, calls.reset),
  reached: method(z.object({ name: z.string(), count: z.number() }), ({ name, count }) =>
    calls.reached(name, count),
  ),
});
