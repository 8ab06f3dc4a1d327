import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChatPeople, Line } from "../sandbox/chat-people.ts";
import { LICENSE, ORGANIZATION, type Stage } from "./stage.ts";

export type Tell = (line: string) => void;

const PATIENCE_MS = 10_000;
const ANA = "ana@pizza.example";

/** Plays install and pizza on both chat platforms, then a balance, and tells what people see. Throws if something expected does not happen. */
export async function play(stage: Stage, tell: Tell): Promise<void> {
  const tellScene = (number: number, title: string) => tell(`${number === 1 ? "" : "\n"}${number}. ${title}`);
  let scene = 0;
  for (const platform of chatPlatformsOf(stage)) {
    tellScene(++scene, `A company installs the Pizza BOT on ${platform.title}`);
    await playInstall(stage.serverUrl, platform, tell);
    tellScene(++scene, `A customer asks for pizza on ${platform.title}`);
    await playPizza(platform, tell);
  }
  tellScene(++scene, "Ana asks globobot for balances in a Webex room");
  await playBalance(stage, tell);
}

/** What differs between the platforms on which customers chat. */
type ChatPlatform = {
  title: string;
  installPath: string;
  /** What the bot is installed on. */
  account: string;
  startChat(text: string): Promise<{ chatId: string }>;
  people: Pick<ChatPeople<never>, "transcript" | "members">;
  bots(): { id: string; name: string; works: boolean }[];
  /** Who sees that the bot comes and goes. */
  comingAndGoing: "all" | "agents";
};

function chatPlatformsOf({ livechat, chatio }: Stage): ChatPlatform[] {
  return [
    {
      title: "LiveChat",
      installPath: "/livechat/install",
      account: `organization ${ORGANIZATION}`,
      startChat: (text) => livechat.startChat(ORGANIZATION, text),
      people: livechat,
      bots: () =>
        livechat
          .botAgents(ORGANIZATION)
          .map(({ id, name, status }) => ({ id, name, works: status === "not_accepting_chats" })),
      comingAndGoing: "agents",
    },
    {
      title: "chat.io",
      installPath: "/install",
      account: `license ${LICENSE}`,
      startChat: (text) => chatio.startChat(LICENSE, text),
      people: chatio,
      bots: () => chatio.botAgents(LICENSE).map(({ id, name, loggedIn }) => ({ id, name, works: loggedIn })),
      comingAndGoing: "all",
    },
  ];
}

/** As a browser: opens the install link, is sent to the consent page, and comes back with a code. */
async function playInstall(
  serverUrl: string,
  { title, installPath, account, bots }: ChatPlatform,
  tell: Tell,
): Promise<void> {
  const start = await fetch(`${serverUrl}${installPath}`, { redirect: "manual" });
  tell(`   browser      opens ${serverUrl}${installPath}`);
  const cookie = start.headers.get("set-cookie")?.split(";")[0] ?? "";
  const consent = await fetch(locationOf(start, installPath), { redirect: "manual" });
  tell(`   ${title.padEnd(12)} gets consent and sends the browser back with a code`);
  const finish = await fetch(locationOf(consent, "the consent page"), {
    redirect: "manual",
    headers: { cookie },
  });
  const page = await finish.text();
  assert.equal(finish.status, 200, `the installation ended with status ${finish.status}`);
  const [, id = ""] = account.split(" ");
  assert.ok(page.includes(id), `the page after the installation does not name ${account}`);
  const [bot, ...others] = bots();
  assert.ok(bot?.works && others.length === 0, "there is not exactly one bot at work");
  tell(`   browser      sees that ${bot.name} is installed on ${account}`);
}

async function playPizza(
  { startChat, people, bots, comingAndGoing }: ChatPlatform,
  tell: Tell,
): Promise<void> {
  const { chatId } = await startChat("Hey! where is my pizza?");
  await until("the bot has been in the chat and left", () => {
    const lines = people.transcript(chatId).map(({ text }) => text);
    return lines.includes("Pizza BOT left the chat");
  });
  const lines = people.transcript(chatId);
  for (const line of lines) tell(`   ${seenBy(line)} ${line.author}: ${line.text}`);
  assert.deepEqual(
    lines.map(({ author, text, recipients }) => `${author} to ${recipients}: ${text}`),
    [
      "customer to all: Hey! where is my pizza?",
      `system to ${comingAndGoing}: Pizza BOT joined the chat`,
      "Pizza BOT to agents: Pizza is on the way!",
      `system to ${comingAndGoing}: Pizza BOT left the chat`,
    ],
    "the chat did not go as it should",
  );
  const members = people.members(chatId);
  assert.ok(!bots().some(({ id }) => members.includes(id)), "the bot is still in the chat");
}

function seenBy({ recipients }: Line): string {
  return recipients === "agents" ? "agents only " : "everyone    ";
}

async function playBalance({ webex }: Stage, tell: Tell): Promise<void> {
  const room = webex.addRoom({ title: "Accounts", members: [ANA] });
  const expected: string[] = [];
  for (const [question, answer] of [
    ["@globobot acct100", "balance for acct100: 40.00 USD"],
    ["@globobot hi, what is the balance for acct300?", "balance for acct300?: unknown account"],
    ["@globobot hi, what is the balance for acct300", "balance for acct300: 0.00 USD"],
  ] as const) {
    await webex.says(ANA, room.id, question);
    tell(`   Ana          ${question}`);
    expected.push(answer);
    await until(
      `globobot answers: ${answer}`,
      () => repliesIn(webex.transcript(room.id)).length >= expected.length,
    );
    tell(
      `   globobot     ${repliesIn(webex.transcript(room.id)).at(-1)?.replaceAll("\n", "\n                ")}`,
    );
  }
  const firstLines = repliesIn(webex.transcript(room.id)).map((reply) => reply.split("\n")[0]);
  assert.deepEqual(firstLines, expected, "globobot did not say what it should");
}

function repliesIn(transcript: readonly { author: string; text: string }[]): string[] {
  return transcript.filter(({ author }) => author === "globobot").map(({ text }) => text);
}

function locationOf(response: Response, where: string): string {
  const location = response.headers.get("location");
  assert.ok(
    response.status === 302 && location,
    `${where} did not redirect, but answered ${response.status}`,
  );
  return location;
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const endsAt = Date.now() + PATIENCE_MS;
  while (!isTrue()) {
    assert.ok(Date.now() < endsAt, `waited ${PATIENCE_MS / 1000} seconds in vain until ${what}`);
    await sleep(10);
  }
}
