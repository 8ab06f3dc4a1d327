import { Command } from "commander";
import { chromium, type Page } from "playwright-core";
import { startLiveDemo } from "../../src/demo/live/demo.ts";
import { strict } from "../chaos/whole-number.ts";
import { findChromium } from "../support/chromium.ts";
import { agentsTalk, groupTalk, installByClicks } from "../support/demo-page.ts";

const PICTURE = ".github/demo.png";

strict(new Command("npm run screenshot"))
  .description(`Plays the demo in Chromium and takes ${PICTURE}, the picture in the README.`)
  .parse();

/** Takes the README's picture of the demo, while LiveChat fails and a job waits on disk. */
async function takePicture(): Promise<void> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("No Chromium was found; name one in CHROMIUM_PATH.");
  const demo = await startLiveDemo();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 });
    await page.goto(demo.url);
    await play(page);
    await page.screenshot({ path: PICTURE, fullPage: true });
  } finally {
    await browser.close();
    await demo.stop();
  }
}

async function play(page: Page): Promise<void> {
  await installByClicks(page);
  await page.getByRole("button", { name: "Hey! where is my pizza?" }).click();
  await agentsTalk(page).getByText("Pizza BOT left the chat").waitFor();
  await page.getByLabel("Write as Ana (Group)").fill("@globobot what is the balance for acct100");
  await page.keyboard.press("Enter");
  await groupTalk(page).getByText("balance for acct100: 40.00 USD").waitFor();
  await page.getByRole("button", { name: "Break LiveChat" }).click();
  await page.getByLabel("Write as the customer").fill("And a pizza for my neighbour?");
  await page.keyboard.press("Enter");
  await page.locator("#to-do", { hasText: "Kill it" }).waitFor();
  await page.mouse.click(5, 5);
  // What sticks to the top of the window would cover what is below it.
  await page.evaluate("scrollTo(0, 0)");
}

takePicture().then(
  () => process.stdout.write(`${PICTURE} is taken. Look at it before you commit it.\n`),
  (error: unknown) => {
    process.stderr.write(
      `The picture could not be taken: ${error instanceof Error ? error.message : error}\n`,
    );
    process.exit(1);
  },
);
