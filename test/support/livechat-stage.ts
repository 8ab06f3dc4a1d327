import type { Environment } from "../../src/config/config.ts";
import { ORGANIZATION, type Stage } from "../../src/demo/stage.ts";
import { startStoppedStage, type TestStage } from "./stage.ts";

export const SAID = "Pizza is on the way!";

/** Installs the Pizza BOT as from LiveChat's marketplace: the browser brings a code, and no state. Returns the page. */
export function installFromMarketplace(stage: Stage, organization = ORGANIZATION): Promise<Response> {
  const code = stage.livechat.issueCode(organization);
  return fetch(`${stage.serverUrl}/livechat/token?${new URLSearchParams({ code })}`);
}

/** A server with the Pizza BOT installed at LiveChat, while time stands still unless the test lets it pass. */
export async function startStoppedLivechat(
  settings: Environment = {},
  options: Parameters<typeof startStoppedStage>[1] = {},
): Promise<TestStage> {
  const stage = await startStoppedStage(settings, options);
  const page = await installFromMarketplace(stage);
  if (!page.ok) throw new Error(`the installation was answered with ${page.status}`);
  return stage;
}

/** What the bot has said in the chat at LiveChat so far. */
export function livechatLines({ livechat }: Stage, chatId: string): string[] {
  return livechat
    .transcript(chatId)
    .filter(({ author }) => author === "Pizza BOT")
    .map(({ text }) => text);
}

/** Whether a bot of the organization is in the chat. */
export function isLivechatBotIn({ livechat }: Stage, chatId: string, organization = ORGANIZATION): boolean {
  const bots = livechat.botAgents(organization).map(({ id }) => id);
  return livechat.members(chatId).some((member) => bots.includes(member));
}
