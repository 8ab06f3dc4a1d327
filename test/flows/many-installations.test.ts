import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { LICENSE, ORGANIZATION } from "../../src/demo/stage.ts";
import { installFromMarketplace, isLivechatBotIn, livechatLines, SAID } from "../support/livechat-stage.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";
import { pizzaLines, startTestStage } from "../support/stage.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

/** Every statement that runs from now on, and how often. */
function watchStatements(): Map<string, number> {
  const ran = new Map<string, number>();
  for (const method of ["get", "all", "run", "iterate"] as const) {
    const original = StatementSync.prototype[method];
    vi.spyOn(StatementSync.prototype, method).mockImplementation(function (this: StatementSync, ...values) {
      ran.set(this.sourceSQL, (ran.get(this.sourceSQL) ?? 0) + 1);
      return Reflect.apply(original, this, values);
    });
  }
  onTestFinished(() => void vi.restoreAllMocks());
  return ran;
}

/** The steps in which SQLite would look through all installations. */
function scansOf(db: DatabaseSync, sql: string): string[] {
  return db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
    .filter((detail) => /^SCAN installations\b/.test(detail));
}

test("nothing that happens every second, for a delivery or on a public page looks through all installations", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const path = join(temporaryFolder(), "test.db");
  const stage = await startTestStage({ DATABASE_URL: `file:${path}`, ADMIN_PASSWORD: PASSWORD });
  await stage.install();
  await stage.installLivechat();
  const ran = watchStatements();
  const timesRun = (part: RegExp) =>
    [...ran].filter(([sql]) => part.test(sql)).reduce((sum, [, times]) => sum + times, 0);

  for (const route of ["/", "/install", "/healthz", "/readyz"]) await fetch(stage.serverUrl + route);
  for (const route of ["/metrics", "/readyz"]) await asOperator(stage.serverUrl).get(route).expect(200);
  const { chatId } = await stage.chatio.startChat(LICENSE, "pizza");
  await vi.waitFor(() => expect(pizzaLines(stage, chatId)).toHaveLength(1), 5000);
  const modern = await stage.livechat.startChat(ORGANIZATION, "pizza");
  await vi.waitFor(() => expect(livechatLines(stage, modern.chatId)).toHaveLength(1), 5000);
  // The rounds of the renewal, of the counting, and of the looks at bot agents, for which minutes have to pass.
  await vi.waitFor(
    () => {
      vi.advanceTimersByTime(60_000);
      expect(timesRun(/care_at/)).toBeGreaterThan(2);
      expect(timesRun(/FROM installation_counts/)).toBeGreaterThan(2);
      expect(timesRun(/account > :after/)).toBeGreaterThan(0);
    },
    { timeout: 15_000, interval: 1100 },
  );

  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  const asked = [...ran.keys()].filter((sql) => /\binstallations?(_counts)?\b/.test(sql));
  expect(asked.length).toBeGreaterThan(5);
  for (const sql of asked) expect(scansOf(db, sql), sql).toEqual([]);
  // The test itself would notice one.
  expect(scansOf(db, "SELECT * FROM installations ORDER BY bot_id")).toHaveLength(1);
}, 30_000);

test("the start page counts once a second however many ask, and shows at once what is installed here", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const path = join(temporaryFolder(), "test.db");
  const stage = await startTestStage({ DATABASE_URL: `file:${path}` });
  const page = async () => (await fetch(stage.serverUrl)).text();
  expect(await page()).not.toContain('<li class="done"><h3>The Pizza BOT on your license');
  await stage.install();
  expect(await page()).toContain('<li class="done"><h3>The Pizza BOT on your license');

  const ran = watchStatements();
  await Promise.all(Array.from({ length: 50 }, page));
  const counted = [...ran].filter(([sql]) => sql.includes("installation_counts"));
  // One for the pages, at most a few for the warnings, which are counted in the background.
  expect(counted.reduce((sum, [, times]) => sum + times, 0)).toBeLessThanOrEqual(5);

  await openTestStore(path, "demo-client-secret").installations.of("chatio").remove(String(LICENSE));
  vi.advanceTimersByTime(1000);
  expect(await page()).not.toContain('<li class="done"><h3>The Pizza BOT on your license');
});

test("forty organizations are served side by side, each by its own bot and tokens", async () => {
  const stage = await startTestStage();
  const { livechat } = stage;
  const organizations = Array.from({ length: 40 }, () => randomUUID());
  for (const organization of organizations) livechat.addOrganization(organization);
  // At most 30 codes that came without a state may be under way from one address.
  for (const half of [organizations.slice(0, 20), organizations.slice(20)]) {
    const pages = await Promise.all(half.map((organization) => installFromMarketplace(stage, organization)));
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
  }
  // Half of them have to be renewed on the way.
  for (const organization of organizations.slice(20)) {
    livechat.expireAccessTokens(organization);
    livechat.expireBotTokens(organization);
  }

  const chats = await Promise.all(
    organizations.map(async (organization) => {
      const { chatId } = await livechat.startChat(organization, "pizza");
      return { organization, chatId };
    }),
  );

  await vi.waitFor(
    () => {
      expect(chats.map(({ chatId }) => livechatLines(stage, chatId))).toEqual(chats.map(() => [SAID]));
      const inside = chats.filter(({ chatId, organization }) => isLivechatBotIn(stage, chatId, organization));
      expect(inside).toEqual([]);
    },
    { timeout: 30_000 },
  );
  expect(organizations.map((organization) => livechat.botAgents(organization).length)).toEqual(
    organizations.map(() => 1),
  );
  expect(livechat.calls.filter(({ name }) => name === "refresh")).toHaveLength(20);
}, 60_000);
