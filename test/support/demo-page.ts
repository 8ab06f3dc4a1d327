import type { Locator, Page } from "playwright-core";

/** What the demo says of the platforms with chats. */
const TENANTS = {
  LiveChat: "organization 0c9e4f52-dddd-4eee-8fff-000000000002",
  "chat.io": "license 1520",
} as const;
export type Title = keyof typeof TENANTS;

/** Lets the customer and the agents chat on a platform. */
export async function chatOn(page: Page, title: Title): Promise<void> {
  const button = { name: title, exact: true };
  await page.getByRole("button", button).click();
  await page.getByRole("button", { ...button, pressed: true }).waitFor();
}

/** Opens the consent page and returns its tab. */
export async function openConsent(page: Page, title: Title = "LiveChat"): Promise<Page> {
  const [tab] = await Promise.all([
    page.waitForEvent("popup"),
    page.getByRole("link", { name: `Add to ${title}` }).click(),
  ]);
  return tab;
}

/** Clicks through the installation. */
export async function installByClicks(page: Page, title: Title = "LiveChat"): Promise<void> {
  const tab = await openConsent(page, title);
  await tab.getByRole("button", { name: "Allow" }).click();
  await tab.getByText(`The Pizza BOT now works on ${TENANTS[title]}.`).waitFor();
  await tab.close();
  await page.getByRole("heading", { name: "Install the Pizza BOT (done)" }).waitFor();
}

/** The conversation in one of the panes. */
export const talk = (page: Page, name: string): Locator => page.getByRole("log", { name });
export const customerTalk = (page: Page): Locator => talk(page, "The chat, as the customer sees it");
export const agentsTalk = (page: Page): Locator => talk(page, "The chat, as the agents see it");
export const groupTalk = (page: Page): Locator => talk(page, "The room: Group");
