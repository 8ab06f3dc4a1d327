import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Line } from "../sandbox/chat-people.ts";
import { type ChatPlatform, createChatPlatforms } from "./chat-platforms.ts";
import type { Stage } from "./stage.ts";

export type Tell = (line: string) => void;

const PATIENCE_MS = 10_000;
const ANA = "ana@pizza.example";

/**
 * Plays an installation and a pizza on each platform with chats, and balances on Webex, and tells what people see.
 * Throws if something expected does not happen.
 */
export async function play(stage: Stage, tell: Tell): Promise<void> {
  for (const [index, { title, act }] of scenesOf(stage, tell).entries()) {
    tell(`${index === 0 ? "" : "\n"}${index + 1}. ${title}`);
    await act();
  }
}

type Scene = { title: string; act(): Promise<void> };

function scenesOf(stage: Stage, tell: Tell): Scene[] {
  const ofChats = createChatPlatforms(stage).flatMap((platform) => [
    {
      title: `A company installs the Pizza BOT on ${platform.title}`,
      act: () => playInstall(platform, stage.serverUrl, tell),
    },
    { title: `A customer asks for pizza on ${platform.title}`, act: () => playPizza(platform, tell) },
  ]);
  const onWebex = {
    title: "Ana asks globobot for balances in a Webex room",
    act: () => playBalance(stage, tell),
  };
  return [...ofChats, onWebex];
}

/** As a browser: opens the install link, is sent to the consent page, and comes back with a code. */
async function playInstall(platform: ChatPlatform, serverUrl: string, tell: Tell): Promise<void> {
  const { title, installPath, tenant, account } = platform;
  const start = await fetch(serverUrl + installPath, { redirect: "manual" });
  tell(`   browser      opens ${serverUrl}${installPath}`);
  const consent = await fetch(locationOf(start, installPath), { redirect: "manual" });
  tell(`   ${title.padEnd(12)} gets consent and sends the browser back with a code`);
  const finish = await fetch(locationOf(consent, "the consent page"), {
    redirect: "manual",
    headers: { cookie: cookieOf(start) },
  });
  const last = await fetch(new URL(locationOf(finish, installPath), serverUrl), {
    headers: { cookie: cookieOf(finish) },
  });
  const page = await last.text();
  assert.ok(page.includes(account), `the page after the installation does not name the ${tenant}`);
  const [bot, ...others] = platform.bots();
  assert.ok(bot?.isReady && others.length === 0, "there is not exactly one bot, ready for chats");
  tell(`   browser      sees that ${bot.name} is installed on ${tenant} ${account}`);
}

async function playPizza(platform: ChatPlatform, tell: Tell): Promise<void> {
  const chat = platform.openChat();
  await chat.customerWrites("Hey! where is my pizza?");
  await until("the bot has been in the chat and left", () =>
    chat.transcript().some(({ text }) => text === "Pizza BOT left the chat"),
  );
  const lines = chat.transcript();
  for (const line of lines) tell(`   ${seenBy(line)} ${line.author}: ${line.text}`);
  assert.deepEqual(
    lines.map(({ author, text }) => `${author}: ${text}`),
    [
      "customer: Hey! where is my pizza?",
      "system: Pizza BOT joined the chat",
      "Pizza BOT: Pizza is on the way!",
      "system: Pizza BOT left the chat",
    ],
    "the chat did not end as expected",
  );
  const isPublic = lines.some(({ author, recipients }) => author === "Pizza BOT" && recipients !== "agents");
  assert.ok(!isPublic, "the customer reads what is for agents only");
  const [bot] = platform.bots();
  assert.ok(bot && !chat.members().includes(bot.id), "the bot is still in the chat");
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

/** What a browser keeps of an answer. */
function cookieOf(response: Response): string {
  const kept = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
  return kept.join("; ");
}

function locationOf(response: Response, where: string): string {
  const location = response.headers.get("location");
  assert.ok(
    (response.status === 302 || response.status === 303) && location,
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
