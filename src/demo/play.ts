import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Line } from "../sandbox/chat-people.ts";
import { LICENSE, type Stage } from "./stage.ts";

export type Tell = (line: string) => void;

const PATIENCE_MS = 10_000;
const ANA = "ana@pizza.example";

/** Plays install, pizza and balance, and tells what people see. Throws if something expected does not happen. */
export async function play(stage: Stage, tell: Tell): Promise<void> {
  await playInstall(stage, tell);
  await playPizza(stage, tell);
  await playBalance(stage, tell);
}

/** As a browser: opens the install link, is sent to the consent page, and comes back with a code. */
async function playInstall({ serverUrl, chatio }: Stage, tell: Tell): Promise<void> {
  tell("1. A company installs the Pizza BOT");
  const start = await fetch(`${serverUrl}/install`, { redirect: "manual" });
  tell(`   browser      opens ${serverUrl}/install`);
  const cookie = start.headers.get("set-cookie")?.split(";")[0] ?? "";
  const consent = await fetch(locationOf(start, "/install"), { redirect: "manual" });
  tell("   chat.io      gets consent and sends the browser back with a code");
  const finish = await fetch(locationOf(consent, "the consent page"), {
    redirect: "manual",
    headers: { cookie },
  });
  const page = await finish.text();
  assert.equal(finish.status, 200, `the installation ended with status ${finish.status}`);
  assert.ok(page.includes(String(LICENSE)), "the page after the installation does not name the license");
  const [bot, ...others] = chatio.botAgents(LICENSE);
  assert.ok(bot?.loggedIn && others.length === 0, "there is not exactly one bot agent, logged in");
  tell(`   browser      sees that ${bot.name} is installed on license ${LICENSE}`);
}

async function playPizza({ chatio }: Stage, tell: Tell): Promise<void> {
  tell("");
  tell("2. A customer asks for pizza");
  const { chatId } = await chatio.startChat(LICENSE, "Hey! where is my pizza?");
  await until("the bot has been in the chat and left", () => {
    const lines = chatio.transcript(chatId).map(({ text }) => text);
    return lines.includes("Pizza BOT left the chat");
  });
  const lines = chatio.transcript(chatId);
  for (const line of lines) tell(`   ${seenBy(line)} ${line.author}: ${line.text}`);
  assert.deepEqual(
    lines.map(({ author, text, recipients }) => `${author} to ${recipients}: ${text}`),
    [
      "customer to all: Hey! where is my pizza?",
      "system to all: Pizza BOT joined the chat",
      "Pizza BOT to agents: Pizza is on the way!",
      "system to all: Pizza BOT left the chat",
    ],
    "the chat did not go as it should",
  );
  const [bot] = chatio.botAgents(LICENSE);
  assert.ok(bot && !chatio.members(chatId).includes(bot.id), "the bot is still in the chat");
}

function seenBy({ recipients }: Line): string {
  return recipients === "agents" ? "agents only " : "everyone    ";
}

async function playBalance({ webex }: Stage, tell: Tell): Promise<void> {
  tell("");
  tell("3. Ana asks globobot for balances in a Webex room");
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
