import type { Locator, Page } from "playwright-core";

/** Opens the consent page and returns its tab. */
export async function openConsent(page: Page): Promise<Page> {
  const [tab] = await Promise.all([
    page.waitForEvent("popup"),
    page.getByRole("link", { name: "Add to chat.io" }).click(),
  ]);
  return tab;
}

/** Clicks through the installation. */
export async function installByClicks(page: Page): Promise<void> {
  const tab = await openConsent(page);
  await tab.getByRole("button", { name: "Allow" }).click();
  await tab.getByText("The Pizza BOT now works on license 1520.").waitFor();
  await tab.close();
  await page.getByText("It is installed on license 1520.").waitFor();
}

/** The conversation in one of the panes. */
export const talk = (page: Page, name: string): Locator => page.getByRole("log", { name });
export const customerTalk = (page: Page): Locator => talk(page, "The chat, as the customer sees it");
export const agentsTalk = (page: Page): Locator => talk(page, "The chat, as the agents see it");
export const groupTalk = (page: Page): Locator => talk(page, "The room: Group");
