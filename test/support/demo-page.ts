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

/** Opens the consent page. */
export async function openConsent(page: Page, title: Title = "LiveChat"): Promise<void> {
  await page.getByRole("link", { name: `Add to ${title}` }).click();
  await page.getByRole("button", { name: "Allow" }).waitFor();
}

/** Clicks through the installation and back to the demo. */
export async function installByClicks(page: Page, title: Title = "LiveChat"): Promise<void> {
  await openConsent(page, title);
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByText(`The Pizza BOT now works on ${TENANTS[title]}.`).waitFor();
  await page.getByRole("link", { name: "Back to the demo" }).click();
  await page.getByRole("heading", { name: "Install the Pizza BOT (done)" }).waitFor();
}

/** The conversation in one of the panes. */
export const talk = (page: Page, name: string): Locator => page.getByRole("log", { name });
export const customerTalk = (page: Page): Locator => talk(page, "The chat, as the customer sees it");
export const agentsTalk = (page: Page): Locator => talk(page, "The chat, as the agents see it");
export const groupTalk = (page: Page): Locator => talk(page, "The room: Group");
