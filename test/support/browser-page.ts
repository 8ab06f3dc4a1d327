import axe, { type AxeResults } from "axe-core";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { findChromium } from "./chromium.ts";

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];
const PATIENCE_MS = 20_000;

let browser: Browser | undefined;
const contexts: BrowserContext[] = [];
/** Errors and warnings in the console, and requests to other machines: no page may have any. */
const complaints: string[] = [];

/** Tests in a real browser, skipped if there is none. Each fails if a page has complained. */
export function describeInBrowser(name: string, tests: () => void): void {
  const executablePath = findChromium();
  describe.skipIf(executablePath === undefined)(name, () => {
    beforeAll(async () => {
      browser = await chromium.launch({ args: ARGUMENTS, ...(executablePath && { executablePath }) });
    });
    afterAll(() => browser?.close());
    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.close();
      expect(complaints.splice(0)).toEqual([]);
    });
    tests();
  });
}

export type PageOptions = BrowserContextOptions & {
  /** Matches console errors that the test expects. */
  mayComplain?: RegExp;
};

/** A page in a browser without any history; closed after the test. */
export async function openPage({ mayComplain, ...options }: PageOptions = {}): Promise<Page> {
  if (browser === undefined) throw new Error("only in describeInBrowser");
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  contexts.push(context);
  context.setDefaultTimeout(PATIENCE_MS);
  const complain = (text: string) => {
    if (!mayComplain?.test(text)) complaints.push(text);
  };
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complain(message.text());
  });
  context.on("weberror", (error) => complain(String(error.error())));
  context.on("request", (request) => {
    const { hostname } = new URL(request.url());
    if (hostname !== "127.0.0.1" && hostname !== "localhost") complain(`asked ${hostname}`);
  });
  return context.newPage();
}

/** What an accessibility checker reports, and whether the page scrolls sideways: wide and light, narrow and dark. */
export async function problemsWideAndNarrow(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const problems: string[] = [];
  for (const [width, colorScheme] of [
    [1280, "light"],
    [390, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: 844 });
    await page.emulateMedia({ colorScheme });
    const needed = await page.evaluate<number>("document.documentElement.scrollWidth");
    if (needed > width) problems.push(`${needed} px wide in ${width} px`);
    problems.push(...(await accessibilityProblems(page)).map((problem) => `${colorScheme}: ${problem}`));
  }
  return problems;
}

async function accessibilityProblems(page: Page): Promise<string[]> {
  const results = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
