import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type LiveDemo, startLiveDemo } from "../../src/demo/live/demo.ts";
import {
  describeInBrowser,
  openPage,
  type PageOptions,
  problemsWideAndNarrow,
} from "../support/browser-page.ts";
import {
  agentsTalk,
  chatOn,
  customerTalk,
  groupTalk,
  installByClicks,
  openConsent,
  type Title,
  talk,
} from "../support/demo-page.ts";
import { canStartPostgres } from "../support/postgres.ts";
import { COMPILE_CACHE } from "../support/process.ts";

const ASKING = "Hey! where is my pizza?";
const ON_THE_WAY = "Pizza is on the way!";

async function openNewDemo(options: PageOptions = {}, servers = 1): Promise<{ demo: LiveDemo; page: Page }> {
  const demo = await startLiveDemo(COMPILE_CACHE, servers);
  onTestFinished(demo.stop);
  const page = await openPage(options);
  await page.goto(demo.url);
  return { demo, page };
}

const stage = (page: Page) => page.locator(".path [aria-current=step]");

/** Goes from the words of the next step to the control they name, which is marked, and uses it: all by keyboard. */
async function doNext(page: Page, words: string, shownStage?: string): Promise<void> {
  const toDo = page.locator("#to-do", { hasText: words });
  await toDo.waitFor();
  if (shownStage !== undefined) expect(await stage(page).innerText()).toBe(shownStage);
  await toDo.getByRole("link").focus();
  await page.keyboard.press("Enter");
  const reached = page.locator(":focus");
  expect(await reached.getAttribute("class")).toMatch(/\bis-next\b/);
  expect(await reached.getAttribute("aria-describedby")).toBe("to-do");
  expect(await page.locator(".is-next").count()).toBe(1);
  await page.keyboard.press("Enter");
}

const FIRST_SCREENS = [
  [1280, 900],
  [1366, 768],
] as const;

/** Whatever one writes into is on the first screen. */
async function expectInSight(page: Page, height: number): Promise<void> {
  for (const label of ["Write as the customer", "Write as an agent", "Write as Ana (Group)"]) {
    const box = await page.getByLabel(label).boundingBox();
    expect((box?.y ?? height) + (box?.height ?? 0)).toBeLessThanOrEqual(height);
  }
}

/** Resolves when the page shows that many jobs in that state. */
async function untilCount(page: Page, state: string, count: number): Promise<void> {
  await page.locator(`#count-${state}`, { hasText: new RegExp(`^${count}$`) }).waitFor();
}

describeInBrowser("the demo in a browser, from the start", () => {
  test("the Pizza BOT is installed by clicks on LiveChat, then on chat.io, and tells only the agents about pizza", async () => {
    const { page } = await openNewDemo();
    await installByClicks(page);

    await page.getByRole("button", { name: ASKING }).click();

    await agentsTalk(page).getByText("Pizza BOT left the chat").waitFor();
    expect(await agentsTalk(page).locator("li").allInnerTexts()).toEqual([
      `Customer\n\n${ASKING}`,
      "Pizza BOT joined the chat",
      `Pizza BOT agents only\n\n${ON_THE_WAY}`,
      "Pizza BOT left the chat",
    ]);
    expect(await customerTalk(page).locator("li").allInnerTexts()).toEqual([`Customer\n\n${ASKING}`]);
    await untilCount(page, "done", 1);
    const webhooks = page.locator(".exchange.webhook summary");
    await webhooks.filter({ hasText: "200 accepted" }).waitFor();
    await webhooks.filter({ hasText: "200 ignored" }).first().waitFor();
    await expectNoSecrets(page, "POST /v2/token");

    await chatOn(page, "chat.io");
    await customerTalk(page).getByText("no bot listens until the Pizza BOT is installed").waitFor();
    await installByClicks(page, "chat.io");
    await page.getByRole("button", { name: ASKING }).click();

    await agentsTalk(page).getByText("Pizza BOT left the chat").waitFor();
    await agentsTalk(page).getByText(ON_THE_WAY).waitFor();
    expect(await customerTalk(page).getByText(ON_THE_WAY).count()).toBe(0);
    await untilCount(page, "done", 2);
    await expectNoSecrets(page, "POST /token");
  });

  /** Opens the exchange of the code for tokens. */
  async function expectNoSecrets(page: Page, exchangeOfCode: string): Promise<void> {
    const exchange = page.locator(".exchange", { hasText: exchangeOfCode });
    await exchange.locator("summary").click();
    const shown = await exchange.innerText();
    expect(shown).toContain('"client_id": "demo-client"');
    expect(shown).toContain('"client_secret": "•••"');
    expect(shown).toContain('"access_token": "•••"');
    expect(await page.content()).not.toMatch(
      /demo-client-secret|demo-bot-token|demo-webhook-secret|demo-livechat-webhook-secret/,
    );
  }

  test("the last step leads through a failure, one thing at a time, by keyboard, and brings back who strays", async () => {
    const { page } = await openNewDemo();
    await installByClicks(page);
    const top = () =>
      page
        .locator(".talk")
        .first()
        .evaluate((one) => one.getBoundingClientRect().top);
    const before = await top();
    for (const words of ["Write as the customer", "Mention globobot"]) await doNext(page, words);

    await doNext(page, "Press “Break LiveChat”", "Break LiveChat");
    await page.getByRole("button", { name: "Cut the network" }).click();
    expect(await problemsWideAndNarrow(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 900 });
    await doNext(page, "Press “Connect the network”");
    await page.locator("#to-do", { hasText: "Ask for pizza once more" }).waitFor();
    expect(await top()).toBe(before);
    await doNext(page, "Ask for pizza once more", "Ask for pizza");
    await stage(page).filter({ hasText: "It waits" }).waitFor();
    await page.getByRole("button", { name: "Repair LiveChat" }).click();
    await untilCount(page, "done", 3);
    await doNext(page, "Press “Break LiveChat” once more", "Break LiveChat");
    await doNext(page, "Ask for pizza once more", "Ask for pizza");
    await doNext(page, "Press “Kill it”", "Kill the server");
    await page.locator("#to-do", { hasText: "Press “Start it again”" }).waitFor();
    await page.locator(".jobs").getByText("the next once the server runs").waitFor();
    for (const [width, height] of FIRST_SCREENS) {
      await page.setViewportSize({ width, height });
      await expectInSight(page, height);
    }
    expect(await problemsWideAndNarrow(page)).toEqual([]);
    await doNext(page, "Press “Start it again”", "Start it");
    await doNext(page, "Press “Repair LiveChat”", "Repair LiveChat");

    await page.getByText("Nothing was lost:").waitFor();
    expect(await agentsTalk(page).getByText(ON_THE_WAY).count()).toBe(3);
    await page.getByRole("heading", { name: "Make something fail (done)" }).waitFor();
    expect(await page.locator(".is-next").count()).toBe(0);
    await page.getByRole("link", { name: "Ask globobot 1:1" }).click();
    expect(await page.evaluate("document.activeElement.innerText")).toBe("1:1");
    await page.getByRole("link", { name: "Teach the Pizza BOT" }).click();
    expect(await page.evaluate("document.activeElement.id")).toBe("rule-word");
    const [operators = "", password = ""] = [
      await page.getByRole("link", { name: "See what operators see" }).getAttribute("href"),
      await page.locator(".finish code").innerText(),
    ].map((text) => text ?? "");
    const credentials = `Basic ${Buffer.from(`anybody:${password}`).toString("base64")}`;
    expect((await fetch(operators, { headers: { authorization: credentials } })).status).toBe(200);
    expect((await fetch(operators)).status).toBe(401);
    expect(await problemsWideAndNarrow(page)).toEqual([]);
  });

  test("the choice of the platform survives a reload, and each platform has its own chat", async () => {
    const { page } = await openNewDemo();
    await page.getByLabel("Write as the customer").fill("on LiveChat");
    await page.keyboard.press("Enter");
    await agentsTalk(page).getByText("on LiveChat").waitFor();

    await chatOn(page, "chat.io");
    await agentsTalk(page).getByText("Nothing to do yet.").waitFor();
    await page.reload();

    await page.getByRole("button", { name: "chat.io", exact: true, pressed: true }).waitFor();
    await page.getByRole("link", { name: "Add to chat.io" }).waitFor();
    await chatOn(page, "LiveChat");
    await agentsTalk(page).getByText("on LiveChat").waitFor();
  });

  test("the link of an instruction scrolls only to what is out of sight, and moves the focus there in any case", async () => {
    const { page } = await openNewDemo();
    await installByClicks(page);
    const link = page.locator("#to-do").getByRole("link", { name: "Write as the customer" });
    const focused = "document.activeElement.id";

    await link.click();
    expect(await page.evaluate(focused)).toBe("do-pizza");
    expect(await page.evaluate("scrollY")).toBe(0);

    await page.setViewportSize({ width: 390, height: 844 });
    await link.click();
    expect(await page.evaluate(focused)).toBe("do-pizza");
    expect(await page.evaluate("scrollY")).toBeGreaterThan(100);
  });

  test("a cancelled installation is explained and can be started again; the page shows that the demo has ended", async () => {
    const { demo, page } = await openNewDemo({ mayComplain: /status of 400|ERR_|Failed to load/ });
    await chatOn(page, "chat.io");
    await openConsent(page, "chat.io");

    await page.getByRole("button", { name: "Cancel" }).click();

    await page.getByText("The Pizza BOT was not allowed at chat.io.").waitFor();
    await page.getByRole("link", { name: "Start the installation again" }).click();
    await page.getByRole("button", { name: "Allow" }).waitFor();
    await page.goto(demo.url);
    await page.getByText("is running").waitFor();
    await demo.stop();
    await page.getByRole("alert").getByText("The demo has ended. Start it again: npm run demo").waitFor();
    expect(await page.getByText("is running").isVisible()).toBe(false);
  });
});

/** A server counts as dead after 15 seconds without a sign of life. */
const TAKEN_OVER_WITHIN_MS = 40_000;

describeInBrowser("the demo with three servers in a browser", () => {
  test.skipIf(!canStartPostgres())(
    "the last step leads to the server with the job in hand; once that is killed another does the job, once",
    async () => {
      const { page } = await openNewDemo({}, 3);
      await installByClicks(page);
      for (const words of ["Write as the customer", "Mention globobot"]) await doNext(page, words);
      await agentsTalk(page).getByText("Pizza BOT left the chat").waitFor();
      expect(await page.locator(".servers").innerText()).toMatch(/^(server \d\s+running\s+Kill\s.*\s*){3}$/);

      await doNext(page, "Press “Break LiveChat”", "Break LiveChat");
      await doNext(page, "Ask for pizza once more", "Ask for pizza");
      const held = page.locator(".jobs strong");
      await held.waitFor();
      const holder = (await held.innerText()).replaceAll(/\s/g, " ");
      await doNext(page, `${holder.replace("s", "S")} has the job in hand`, "Kill that server");

      await page.locator("#to-do", { hasText: "is down, and nobody starts it" }).waitFor();
      await page.locator(".jobs").getByText("had it and was killed").waitFor();
      await page.getByRole("button", { name: `Start ${holder}` }).waitFor();
      for (const [width, height] of FIRST_SCREENS) {
        await page.setViewportSize({ width, height });
        await expectInSight(page, height);
      }
      expect(await problemsWideAndNarrow(page)).toEqual([]);
      const takenOver = page.locator("#to-do", { hasText: "has taken the job by itself" });
      await takenOver.waitFor({ timeout: TAKEN_OVER_WITHIN_MS });
      await doNext(page, "Press “Repair LiveChat”", "Repair LiveChat");

      await page.getByText("Nothing was lost, and nobody had to start a server again:").waitFor();
      expect(await agentsTalk(page).getByText(ON_THE_WAY).count()).toBe(2);
      await page.getByRole("button", { name: `Start ${holder}` }).click();
      await page.getByRole("button", { name: `Kill ${holder}` }).waitFor();
    },
    120_000,
  );
});

describeInBrowser("the demo in a browser, with the Pizza BOT installed", () => {
  let demo: LiveDemo;
  beforeAll(async () => {
    demo = await startLiveDemo(COMPILE_CACHE);
    const page = await openPage();
    await page.goto(demo.url);
    await installByClicks(page);
  });
  afterAll(() => demo.stop());

  /** The page, with a chat in which nobody has written yet. */
  async function openDemo(options: PageOptions = {}, title: Title = "LiveChat"): Promise<Page> {
    const page = await openPage(options);
    await page.goto(demo.url);
    await chatOn(page, title);
    await page.getByRole("button", { name: "Begin a new chat" }).click();
    await agentsTalk(page).getByText("Nothing to do yet.").waitFor();
    await page.getByRole("button", { name: "Group", exact: true }).click();
    await page.getByLabel("Write as Ana (Group)").waitFor();
    return page;
  }

  test("globobot answers in the group and 1:1, and a half-typed message stays", async () => {
    const page = await openDemo();
    await page.getByLabel("Write as the customer").fill("half a sentence");

    await page.getByLabel("Write as Ana (Group)").fill("@globobot acct100");
    await page.keyboard.press("Enter");
    await groupTalk(page).getByText("balance for acct100: 40.00 USD").waitFor();
    await page.getByText("1:1", { exact: true }).click();
    await page.getByRole("button", { name: "acct100", exact: true }).click();
    await talk(page, "The room: 1:1").getByText("balance for acct100: 40.00 USD").waitFor();

    expect(await page.getByLabel("Write as the customer").inputValue()).toBe("half a sentence");
    expect(await page.getByLabel("Write as Ana (Group)").inputValue()).toBe("");
  });

  test("what was chosen stays: who reads the agent's words, and after a reload Ana's room", async () => {
    const page = await openDemo();
    await page.getByRole("radio", { name: "everyone", exact: true }).check();
    await page.getByLabel("Write as an agent").fill("Hello!");
    await page.keyboard.press("Enter");
    await customerTalk(page).getByText("Hello!").waitFor();
    expect(await page.getByRole("radio", { name: "everyone", exact: true }).isChecked()).toBe(true);

    await page.getByLabel("Write as Ana (Group)").fill("half a question");
    await page.getByRole("button", { name: "1:1", exact: true }).click();
    await page.getByLabel("Write as Ana (1:1)").waitFor();
    await page.getByRole("button", { name: "Group", exact: true }).click();
    expect(await page.getByLabel("Write as Ana (Group)").inputValue()).toBe("half a question");
    await page.getByRole("button", { name: "1:1", exact: true }).click();
    await page.getByLabel("Write as Ana (1:1)").waitFor();
    await page.reload();
    await page.getByLabel("Write as Ana (1:1)").waitFor();
    await page.getByRole("button", { name: "Group", exact: true }).click();
    await page.getByLabel("Write as Ana (Group)").waitFor();
  });

  test("a message in the group without a mention gets a line that says why nobody answers", async () => {
    const page = await openDemo();
    await page.getByLabel("Write as Ana (Group)").fill("acct100");
    await page.keyboard.press("Enter");
    const reasons = groupTalk(page).getByText("Webex delivers mentions only");
    await reasons.last().waitFor();
  });

  test("a rule that is typed in is used on the next message, and what everyone is told the customer reads", async () => {
    const page = await openDemo();

    await page.getByLabel("If somebody writes").fill("opening hours");
    await page.getByLabel("it says").fill("We are open until ten.");
    await page.getByLabel("to everyone").check();
    await page.keyboard.press("Enter");
    await page.getByRole("list", { name: "Its rules" }).getByText("opening hours").waitFor();
    await page.getByLabel("Write as the customer").fill("What are your OPENING hours? And I want pizza.");
    await page.keyboard.press("Enter");

    await customerTalk(page).getByText("We are open until ten.").waitFor();
    await agentsTalk(page).getByText("Pizza BOT left the chat").waitFor();
    expect(await agentsTalk(page).locator("li.bot").allInnerTexts()).toEqual([
      `Pizza BOT agents only\n\n${ON_THE_WAY}`,
      "Pizza BOT\n\nWe are open until ten.",
    ]);
    expect(await customerTalk(page).getByText(ON_THE_WAY).count()).toBe(0);
  });

  test("while chat.io fails a job waits on disk, survives a kill of the server, and is done in the end", async () => {
    const page = await openDemo({}, "chat.io");
    await installByClicks(page, "chat.io");
    const done = Number(await page.locator("#count-done").innerText());
    const repair = page.getByRole("button", { name: "Repair chat.io" });

    await page.getByRole("button", { name: "Break chat.io" }).click();
    await repair.waitFor();
    await page.getByLabel("Write as an agent").fill("pizza for our own table");
    await page.keyboard.press("Enter");
    await page.locator(".exchange.call").filter({ hasText: "503" }).first().waitFor();
    await page.getByRole("button", { name: "Kill it" }).click();
    await page.getByText("was killed").waitFor();
    await untilCount(page, "done", done);
    await repair.click();
    await page.getByRole("button", { name: "Start it again" }).click();

    await agentsTalk(page).getByText(ON_THE_WAY).waitFor();
    await untilCount(page, "done", done + 1);
    await untilCount(page, "waiting", 0);
  });

  test("while the network is cut nothing arrives; afterwards everything does", async () => {
    const page = await openDemo();

    await page.getByRole("button", { name: "Cut the network" }).click();
    await page.getByRole("button", { name: ASKING }).click();
    await page.locator(".exchange.webhook").filter({ hasText: "no answer" }).first().waitFor();
    await agentsTalk(page).getByText("The network is cut. LiveChat delivers this again.").waitFor();
    await page.getByRole("button", { name: "Connect the network" }).click();

    await agentsTalk(page).getByText(ON_THE_WAY).waitFor();
    expect(await page.getByText("delivers this again").count()).toBe(0);
  });

  test("what no rule of the Pizza BOT matches is said so, until somebody asks for pizza", async () => {
    const page = await openDemo();
    await page.getByLabel("Write as the customer").fill("hello");
    await page.keyboard.press("Enter");
    const note = agentsTalk(page).getByText("No rule of the Pizza BOT matches this");
    await note.waitFor();
    await page.getByRole("button", { name: ASKING }).click();
    await agentsTalk(page).getByText(ON_THE_WAY).waitFor();
    expect(await note.count()).toBe(0);
  });

  test("while Webex limits, the answer waits as long as Webex asks for, which is counted down", async () => {
    const page = await openDemo();

    await page.getByRole("button", { name: "Limit Webex calls" }).click();
    await page.getByRole("button", { name: "@globobot hi" }).click();
    await page.locator(".exchange.call").filter({ hasText: "429" }).first().waitFor();
    await untilCount(page, "waiting", 1);
    // The server sends nothing between two tries, so it is the browser that counts.
    for (const words of ["in 3 s", "in 2 s", "in 1 s"])
      await page.locator(".jobs time", { hasText: words }).waitFor();
    await page.getByRole("button", { name: "Lift the Webex limit" }).click();

    await groupTalk(page).getByText("balance for acct200: -10.00 USD").waitFor();
  });

  test("an opened exchange stays open while more happens", async () => {
    const page = await openDemo();
    const exchange = page.locator(".exchange").first();
    const id = await exchange.getAttribute("id");
    await exchange.locator("summary").click();

    await page.getByRole("button", { name: ASKING }).click();
    await agentsTalk(page).getByText("Pizza BOT left the chat").waitFor();

    expect(await page.locator(`#${id}`).getAttribute("open")).not.toBeNull();
    expect(await page.locator(".exchange").first().getAttribute("id")).not.toBe(id);
  });

  test("a late answer does not overwrite newer content", async () => {
    const page = await openDemo();
    const left = agentsTalk(page).getByText("Pizza BOT left the chat");
    await page.route(`${demo.url}/say`, async (route) => {
      const answer = await route.fetch();
      await left.waitFor();
      await route.fulfill({ response: answer });
    });
    const answered = page.waitForEvent("requestfinished", (request) => request.url().endsWith("/say"));

    await page.getByRole("button", { name: ASKING }).click();
    await answered;
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");

    expect(await left.count()).toBe(1);
  });

  test("without JavaScript everything works, and is seen after a refresh", async () => {
    const page = await openDemo({ javaScriptEnabled: false });

    await page.getByLabel("Write as Ana (Group)").fill("@globobot acct300");
    await page.getByRole("button", { name: "Send" }).nth(2).click();
    await expect
      .poll(async () => {
        await page.getByRole("link", { name: "Refresh it" }).click();
        return groupTalk(page).innerText();
      })
      .toContain("balance for acct300: 0.00 USD");
    await page.getByRole("button", { name: "Limit Webex calls" }).click();
    await page.getByRole("button", { name: "Lift the Webex limit" }).click();
    await page.getByRole("button", { name: "Limit Webex calls" }).waitFor();
    await page.getByLabel("If somebody writes").fill("salad");
    await page.getByLabel("it says").fill("Salad is out.");
    await page.getByRole("button", { name: "Add" }).click();

    await page.getByRole("list", { name: "Its rules" }).getByText("Salad is out.").waitFor();
    await chatOn(page, "chat.io");
  });

  test.each(FIRST_SCREENS)(
    "at %i × %i everything that one writes into is on the first screen, and the transcripts are in line",
    async (width, height) => {
      const page = await openDemo({ viewport: { width, height } });
      const tops: (number | undefined)[] = [];
      await expectInSight(page, height);
      for (const log of await page.getByRole("log").all()) tops.push((await log.boundingBox())?.y);
      expect(tops).toHaveLength(3);
      expect(new Set(tops).size).toBe(1);
    },
  );

  test("on a phone everything that one touches is at least 44 px high, and the next thing to do stays in sight", async () => {
    const page = await openDemo({ viewport: { width: 390, height: 844 } });
    const low = await page
      .locator("main :is(button, a.button, input[type=text], summary):visible")
      .evaluateAll((all) =>
        all.filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML),
      );
    expect(low).toEqual([]);
    await page.locator("#do-inbox").scrollIntoViewIfNeeded();
    const toDo = await page.locator("#to-do").boundingBox();
    expect(toDo?.y).toBe(0);
    expect(toDo?.height).toBeLessThan(130);
  });

  test("a switch works by keyboard and keeps the focus", async () => {
    const page = await openDemo();

    await page.getByRole("button", { name: "Limit Webex calls", exact: true }).focus();
    for (const name of ["Lift the Webex limit", "Limit Webex calls"]) {
      await page.keyboard.press("Space");
      await page.getByRole("button", { name, exact: true }).waitFor();
    }

    expect(await page.evaluate("document.activeElement.innerText")).toBe("Limit Webex calls");
  });

  test("wide and light, narrow and dark: the pages are accessible and do not scroll sideways", async () => {
    const page = await openDemo();
    await page.getByRole("button", { name: ASKING }).click();
    await agentsTalk(page).getByText("Pizza BOT left the chat").waitFor();
    await page.locator(".exchange summary").first().click();

    expect(await problemsWideAndNarrow(page)).toEqual([]);
  });
});
