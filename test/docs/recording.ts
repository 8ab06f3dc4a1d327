import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createChatPlatforms } from "../../src/demo/chat-platforms.ts";
import { play } from "../../src/demo/play.ts";
import { LICENSE, ORGANIZATION, type Stage, setStage } from "../../src/demo/stage.ts";
import type { Exchange } from "../../src/sandbox/exchanges.ts";
import { type CommandName, runCli } from "../support/cli.ts";

export type Recording = {
  /** In the order in which they ended. */
  exchanges: readonly Exchange[];
  /** Where the server was reached. */
  serverUrl: string;
  /** The secrets among the settings. */
  secrets: readonly string[];
};

const PATIENCE_MS = 10_000;

/** Plays the demo and what operators do, and records all that goes over the wire. Takes about two seconds. */
export async function recordWire(): Promise<Recording> {
  const exchanges: Exchange[] = [];
  const onExchange = (exchange: Exchange) => {
    if (exchange.ms !== null) exchanges.push(exchange);
  };
  const stage = await setStage({
    livechat: { onExchange },
    chatio: { onExchange },
    webex: { onExchange },
  });
  try {
    await play(stage, () => undefined);
    await playRenewal(stage);
    await playNewGroup(stage);
    await playWebhooks(stage);
    await playForgottenBot(stage);
    await playRemoval(stage);
    await playBrokenInstallation(stage);
    return { exchanges, serverUrl: stage.serverUrl, secrets: secretsOf(stage) };
  } finally {
    await stage.stop();
  }
}

/** A customer asks in a running chat. Then the access token expires, and the next call leads to a renewal. */
async function playRenewal({ livechat, chatio, settings }: Stage): Promise<void> {
  for (const platform of createChatPlatforms({ livechat, chatio })) {
    const chat = platform.openChat();
    await chat.customerWrites("Hello?");
    await chat.customerWrites("One more pizza, please.");
    await until("the bot has answered and left", () =>
      chat.transcript().some(({ text }) => text === "Pizza BOT left the chat"),
    );
  }
  livechat.expireAccessTokens(ORGANIZATION);
  chatio.expireAccessTokens(LICENSE);
  await run("doctor", [], settings);
}

/** A group was made after the installation. */
async function playNewGroup({ livechat, settings }: Stage): Promise<void> {
  livechat.addGroup(ORGANIZATION, "Sales");
  await run("doctor", ["--fix"], settings);
}

async function playWebhooks({ webex, settings }: Stage): Promise<void> {
  const [first, second] = webex.webhooks();
  assert.ok(first && second, "there are not two webhooks");
  webex.disableWebhook(first.id);
  await run("webhooks", ["heal"], settings);
  await run("webhooks", ["delete", second.id], settings);
  await run("webhooks", ["add"], settings);
}

async function playRemoval({ settings }: Stage): Promise<void> {
  await run("installs", ["remove", String(LICENSE)], settings);
  await run("installs", ["remove", ORGANIZATION], settings);
}

/** The server forgets a bot that it could not delete. Whoever installs it again needs a new secret for it. */
async function playForgottenBot({ livechat, serverUrl, settings }: Stage): Promise<void> {
  livechat.faults.inject({ kind: "status-503", endpoint: "delete_bot", times: 1 });
  await run("installs", ["remove", ORGANIZATION, "--force"], settings);
  const code = encodeURIComponent(livechat.issueCode(ORGANIZATION));
  const { status } = await fetch(`${serverUrl}/livechat/token?code=${code}`);
  assert.equal(status, 200, "the bot could not be installed again");
}

/** The answer to the making of the bot agent is lost, so that the server looks for what may have been made. */
async function playBrokenInstallation({ chatio, serverUrl }: Stage): Promise<void> {
  chatio.faults.inject({ kind: "lost-answer", endpoint: "create_bot_agent", times: 1 });
  const { status } = await fetch(`${serverUrl}/token?code=${chatio.issueCode(LICENSE)}`);
  assert.equal(status, 502, "an installation worked that should not");
}

async function run(name: CommandName, args: readonly string[], settings: Stage["settings"]): Promise<void> {
  const { code, out, err } = await runCli(name, args, settings);
  assert.equal(code, 0, `${name} ${args.join(" ")} ended with ${code}: ${out}${err}`);
}

function secretsOf({ settings }: Stage): string[] {
  const names = [
    "LIVECHAT_CLIENT_SECRET",
    "LIVECHAT_WEBHOOK_SECRET",
    "LIVECHAT_PAT",
    "CHATIO_CLIENT_SECRET",
    "WT_API_TOKEN",
    "WT_WEBHOOK_SECRET",
  ];
  return names.flatMap((name) => settings[name] ?? []);
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const endsAt = Date.now() + PATIENCE_MS;
  while (!isTrue()) {
    assert.ok(Date.now() < endsAt, `waited ${PATIENCE_MS / 1000} seconds in vain until ${what}`);
    await sleep(10);
  }
}
