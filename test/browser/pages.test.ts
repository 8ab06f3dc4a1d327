import type { Page } from "playwright-core";
import { expect, test, vi } from "vitest";
import { LICENSE, ORGANIZATION } from "../../src/demo/stage.ts";
import { describeInBrowser, openPage, problemsWideAndNarrow } from "../support/browser-page.ts";
import { PASSWORD } from "../support/operator.ts";
import { startTestServer } from "../support/server.ts";
import { startTestStage, type TestStage } from "../support/stage.ts";

const AS_OPERATOR = { httpCredentials: { username: "anybody", password: PASSWORD } };

/** Between the stand-ins, with the Pizza BOT installed. */
async function startWithOperator(): Promise<TestStage> {
  const stage = await startTestStage({ ADMIN_PASSWORD: PASSWORD });
  await stage.install();
  return stage;
}

/** Removes the bot before it can join, so that chat.io refuses its job for good. */
async function letJobDie({ chatio, sink }: TestStage): Promise<void> {
  chatio.faults.inject({ kind: "status-503" });
  await chatio.startChat(LICENSE, "pizza");
  for (const { id } of chatio.botAgents(LICENSE)) chatio.removeBotAgent(LICENSE, id);
  chatio.faults.clear();
  await vi.waitFor(() => expect(sink.text()).toContain("Job dead"), { timeout: 10_000 });
}

const balance = (page: Page) => page.getByText("-10.00 USD");

describeInBrowser("the server's pages in a browser", () => {
  test("with the password the operator can look up an account", async () => {
    const { serverUrl } = await startWithOperator();
    const page = await openPage(AS_OPERATOR);
    await page.goto(serverUrl);
    await page.getByRole("link", { name: "accounts" }).click();

    await page.getByLabel("Account ID").fill("Acct200");
    await page.keyboard.press("Enter");

    await balance(page).waitFor();
    await page.getByLabel("Account ID").fill("acct201");
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByText("There is no account").waitFor();
  });

  test("a dead job is retried by a click, and the page updates when it is done", async () => {
    const stage = await startWithOperator();
    await letJobDie(stage);
    const page = await openPage(AS_OPERATOR);
    await page.goto(`${stage.serverUrl}/status`);
    await page.getByText("One job is dead").waitFor();
    await stage.install();

    await page.getByLabel("Platform").selectOption("Webex");
    await page.getByRole("row").getByRole("button", { name: "Retry" }).click();

    await page.getByText("The job was put back").waitFor();
    await page.getByRole("cell", { name: "replied to the agents" }).waitFor();
    // What was chosen meanwhile stays.
    expect(await page.getByLabel("Platform").inputValue()).toBe("webex");
  });

  test("the operator's pages work without JavaScript", async () => {
    const stage = await startWithOperator();
    await letJobDie(stage);
    await stage.install();
    const page = await openPage({ ...AS_OPERATOR, javaScriptEnabled: false });
    await page.goto(`${stage.serverUrl}/status?state=dead`);

    await page.getByRole("row").getByRole("button", { name: "Retry" }).click();

    await page.getByText("The job was put back").waitFor();
    await page.getByRole("link", { name: "Accounts" }).click();
    await page.getByLabel("Account ID").fill("acct200");
    await page.getByRole("button", { name: "Look up" }).click();
    await balance(page).waitFor();
  });

  test("the page of a job is opened from the list, says why it is dead, and retries it after asking", async () => {
    const stage = await startWithOperator();
    await letJobDie(stage);
    const page = await openPage(AS_OPERATOR);
    await page.goto(`${stage.serverUrl}/status`);
    await page.getByRole("link", { name: /^chatio:1520:/ }).click();
    await page.getByRole("heading", { name: /^Job chatio:1520:/ }).waitFor();
    await page.getByText("Nothing, unless you retry it.").waitFor();
    await page.getByRole("rowheader", { name: "join_chat" }).first().waitFor();
    await stage.install();
    expect(await page.getByRole("button", { name: "Yes, retry" }).count()).toBe(0);

    await page.getByText("Retry…").click();
    await page.getByRole("button", { name: "Yes, retry the job" }).click();

    await page.getByText("The job was put back").waitFor();
    await page.getByText("Nothing: it is done.").waitFor();
  });

  test("without JavaScript the list is narrowed to a license, and a job is dropped after asking", async () => {
    const stage = await startWithOperator();
    await letJobDie(stage);
    const page = await openPage({ ...AS_OPERATOR, javaScriptEnabled: false });
    await page.goto(`${stage.serverUrl}/status`);
    const jobs = page.getByRole("link", { name: /^chatio:1520:/ });
    await page.getByLabel("Organization or license").fill("1521");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByText("No job fits.").waitFor();
    await page.getByLabel("Organization or license").fill(String(LICENSE));
    await page.getByLabel("Platform").selectOption("chat.io");
    await page.getByRole("button", { name: "Filter" }).click();
    await jobs.click();

    await page.getByText("Drop…").click();
    await page.getByRole("button", { name: "Yes, drop the job" }).click();

    await page.getByText("The job was dropped.").waitFor();
    expect(await jobs.count()).toBe(0);
  });

  test("on a phone everything on the status page is within sight: each row is a card, with its reason first", async () => {
    const stage = await startWithOperator();
    await letJobDie(stage);
    const page = await openPage({ ...AS_OPERATOR, viewport: { width: 390, height: 844 } });
    await page.goto(`${stage.serverUrl}/status`);

    const hidden = await page
      .locator(".scroll")
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
    expect(hidden).toBe(0);
    const reason = page.getByRole("cell", { name: /chat\.io answered/ });
    const key = page.locator(".jobs .key");
    const [above, below] = [await reason.boundingBox(), await key.boundingBox()];
    expect(above?.y).toBeLessThan(below?.y ?? 0);
    // One line, of which copying gives the whole key.
    expect(below?.height).toBeLessThan(30);
    expect(await key.textContent()).toMatch(/^chatio:1520:[\w-]+:[\w-]+$/);
  });

  test("the name of the server stands at the same place on every page", async () => {
    const { serverUrl } = await startWithOperator();
    const page = await openPage({ ...AS_OPERATOR, mayComplain: /status of 404/ });
    const places = [];
    for (const path of ["/", "/status", "/crm", "/nothing"]) {
      await page.goto(serverUrl + path);
      places.push((await page.locator(".brand").boundingBox())?.x);
    }
    expect(new Set(places).size).toBe(1);
  });

  test.each([
    ["no password", {}],
    ["a wrong one", { httpCredentials: { username: "anybody", password: "guessed" } }],
  ])("with %s nothing is shown", async (_name, options) => {
    const { serverUrl } = await startWithOperator();
    const page = await openPage({ ...options, mayComplain: /status of 401/ });

    for (const path of ["/status", "/crm?account=acct200"]) {
      // Without a password the browser gives up; with a wrong one it shows the server's answer.
      const answer = await page.goto(serverUrl + path).catch(() => null);
      expect(answer?.status() ?? 401).toBe(401);
      expect(await page.locator("body").innerText()).not.toMatch(/USD|Inbox|1520/);
    }
  });

  test("without ADMIN_PASSWORD there are no operator pages and no links to them", async () => {
    const { serverUrl } = await startTestStage();
    const page = await openPage({ mayComplain: /status of 404/ });

    for (const path of ["/status", "/crm"]) {
      expect((await page.goto(serverUrl + path))?.status()).toBe(404);
    }
    await page.goto(serverUrl);
    expect(await page.getByRole("link", { name: /status|accounts/ }).count()).toBe(0);
  });

  test.each([
    ["LiveChat", `organization ${ORGANIZATION}`, "/livechat/install/done"],
    ["chat.io", `license ${LICENSE}`, "/install/done"],
  ])(
    "the page after an installation on %s without JavaScript says what happens next, also if it is loaded again or gone back to",
    async (title, tenant, path) => {
      const { serverUrl } = await startTestStage();
      const page = await openPage({ javaScriptEnabled: false });
      await page.goto(serverUrl);

      await page.getByRole("link", { name: `Add to ${title}` }).click();

      await page.getByText(`now works on ${tenant}`).waitFor();
      await page.getByText("up to two minutes").waitFor();
      await page.reload();
      await page.getByText(`is installed on ${tenant}`).waitFor();
      // No code and no state.
      expect(page.url()).toBe(`${serverUrl}${path}?again`);
      await page.getByRole("link", { name: "The server’s home page" }).click();
      await page.getByRole("link", { name: "Install on another" }).waitFor();
      await page.goBack();
      await page.getByText(`is installed on ${tenant}`).waitFor();
    },
  );

  test("wide and light, narrow and dark: the pages are accessible and do not scroll sideways", async () => {
    const [bare, stage] = await Promise.all([startTestServer(), startWithOperator()]);
    await letJobDie(stage);
    const page = await openPage({ ...AS_OPERATOR, mayComplain: /status of 40[04]/ });

    await page.goto(`${stage.serverUrl}/status`);
    const job = (await page.locator(".to-job").getAttribute("href")) ?? "";
    for (const url of [
      bare.url,
      stage.serverUrl,
      `${stage.serverUrl}/livechat/install`,
      `${stage.serverUrl}/token?error=access_denied`,
      `${stage.serverUrl}/crm?account=acct200`,
      `${stage.serverUrl}/status`,
      `${stage.serverUrl}/status?state=dead&platform=chatio&account=${LICENSE}`,
      `${stage.serverUrl}${job}`,
      `${stage.serverUrl}/status/jobs/unheard-of`,
    ]) {
      await page.goto(url);
      // What is folded in is looked at, too.
      for (const summary of await page.locator(".asking summary").all()) await summary.click();
      expect(await problemsWideAndNarrow(page), url).toEqual([]);
    }
  });
});
