import type { Express } from "express";
import request from "supertest";
import { expect, onTestFinished, test, vi } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { claimOne, DEAD } from "../store/in-hand.ts";
import { aChatio, aWebex, createTestApp } from "../support/app.ts";
import { aJob } from "../support/jobs.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";

/** What the operator is shown. */
function ask(app: Express) {
  return asOperator(app).get("/readyz");
}

function createApp(overrides: Parameters<typeof createTestApp>[0] = {}) {
  return createTestApp({ operatorPassword: PASSWORD, ...overrides });
}

const full = () => Promise.reject(new StoreError("the disk is full"));
const broken = { problem: () => "The token is wrong." };

test("/healthz says that the process answers, whatever else is wrong, and which server it is", async () => {
  const everythingWrong = { chatio: null, webex: null, store: { check: full } };
  const [one, another] = [createTestApp(everythingWrong).app, createTestApp(everythingWrong).app];
  const serverOf = async (app: Express) => {
    const { body, type } = await request(app).get("/healthz").expect(200);
    expect({ type, body }).toEqual({
      type: "application/json",
      body: { status: "ok", server: expect.any(String) },
    });
    return body.server;
  };

  const server = await serverOf(one);

  expect(await serverOf(one)).toBe(server);
  expect(await serverOf(another)).not.toBe(server);
});

test.each<[string, Parameters<typeof createApp>[0], number, object]>([
  ["if the database can be written and both platforms work", {}, 200, {}],
  ["with chat.io alone", { webex: null }, 200, { Webex: "not set up" }],
  ["with Webex alone", { chatio: null }, 200, { "chat.io": "not set up" }],
  [
    "if no platform is set up",
    { chatio: null, webex: null },
    503,
    { "chat.io": "not set up", Webex: "not set up" },
  ],
  ["if the database cannot be written", { store: { check: full } }, 503, { database: "the disk is full" }],
  ["when chat.io has a problem", { chatio: aChatio(broken) }, 503, { "chat.io": "The token is wrong." }],
  ["when Webex has a problem", { webex: aWebex(broken) }, 503, { Webex: "The token is wrong." }],
  [
    "with warnings",
    { webex: aWebex({ warnings: () => ["A webhook is missing."] }) },
    200,
    { warnings: ["Webex: a webhook is missing."] },
  ],
  [
    "with a warning that names the platform or begins with a setting",
    { webex: aWebex({ warnings: () => ["Webex is slow.", "WT_API_URL is odd."] }) },
    200,
    { warnings: ["Webex is slow.", "Webex: WT_API_URL is odd."] },
  ],
])("/readyz tells the operator what is and what is not ready: %s", async (_when, options, status, told) => {
  await ask(createApp(options).app).expect(status, {
    status: status === 200 ? "ready" : "not ready",
    database: "ok",
    warnings: [],
    "chat.io": "ok",
    Webex: "ok",
    ...told,
  });
});

test("/readyz counts the dead jobs of each platform, and says where to read why", async () => {
  const { app, store } = createApp();
  for (const key of ["webex:a", "webex:b"]) {
    await store.inbox.accept([aJob({ key })]);
    await store.inbox.settle(await claimOne(store.inbox), DEAD, {});
  }
  const { body } = await ask(app).expect(200);
  expect(body.warnings).toEqual(["Webex: dead jobs: 2. See why: /status?state=dead&platform=webex"]);
});

test("/readyz is 200 again once the problem is over", async () => {
  const problem = vi.fn((): string | null => "The token is wrong.");
  const { app } = createApp({ webex: aWebex({ problem }) });
  await ask(app).expect(503);

  problem.mockReturnValue(null);

  await ask(app).expect(200);
});

const SECRETIVE = {
  webex: aWebex({
    problem: () => "The token of hook-7 is wrong.",
    warnings: () => ["hook-7 is missing."],
  }),
  store: { check: () => Promise.reject(new StoreError("/secret/place is full")) },
};

test("strangers learn from /readyz whether it is ready and which platform fails, and nothing else", async () => {
  for (const operatorPassword of [PASSWORD, null]) {
    const { app } = createTestApp({ ...SECRETIVE, operatorPassword });

    await request(app)
      .get("/readyz")
      .expect(503, { status: "not ready", "chat.io": "ok", Webex: "failing" })
      .expect("Cache-Control", "no-store");
  }
  const { app } = createTestApp({ chatio: null });
  await request(app).get("/readyz").expect(200, { status: "ready", "chat.io": "not set up", Webex: "ok" });
});

test("with a wrong password /readyz is 401 after a second; without ADMIN_PASSWORD everybody is a stranger", async () => {
  const askedAt = performance.now();
  const { text } = await request(createApp(SECRETIVE).app).get("/readyz").auth("me", "wrong").expect(401);
  expect(performance.now() - askedAt).toBeGreaterThanOrEqual(998);
  expect(text).not.toMatch(/hook-7|secret|chat\.io/);

  const { body } = await request(createTestApp(SECRETIVE).app)
    .get("/readyz")
    .auth("me", PASSWORD)
    .expect(503);
  expect(body).toEqual({ status: "not ready", "chat.io": "ok", Webex: "failing" });
});

test("/readyz writes to the database at most once a second", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const checkStore = vi.fn(async () => {});
  const { app } = createTestApp({ store: { check: checkStore } });
  const askMany = () =>
    Promise.all(Array.from({ length: 20 }, () => request(app).get("/readyz").expect(200)));

  await askMany();
  await askMany();
  expect(checkStore).toHaveBeenCalledTimes(1);

  vi.advanceTimersByTime(1000);
  await askMany();
  expect(checkStore).toHaveBeenCalledTimes(2);
});

test("an unusable database is logged once when that begins and once when it is over", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const checkStore = vi.fn(async () => {});
  const { app, sink } = createTestApp({ store: { check: checkStore } });
  const probe = async () => {
    vi.advanceTimersByTime(1000);
    await request(app).get("/readyz");
  };

  await probe();
  expect(sink.messages()).toEqual([]);
  checkStore.mockRejectedValue(new StoreError("The disk is full."));
  for (let n = 0; n < 3; n += 1) await probe();
  expect(sink.messages()).toEqual(["Not ready: The disk is full."]);
  checkStore.mockResolvedValue();
  for (let n = 0; n < 3; n += 1) await probe();
  expect(sink.messages()).toEqual(["Not ready: The disk is full.", "The database can be written again."]);
});

test("the server stays ready while a platform is failing: operators read why, strangers only that it is", async () => {
  const troubles = () => ({
    outages: [
      {
        platform: "chatio",
        isWhole: true,
        sentence: "chat.io has been failing since 23:48 UTC: 503",
      },
      { platform: "webex", isWhole: false, sentence: "License 7 of Webex has been failing" },
    ],
    backlog: "Jobs are waiting: 83, the oldest for 3 min",
    pauses: ["No calls for Webex until 23:51:07 UTC"],
  });
  const { app } = createApp({ troubles });

  await ask(app).expect(200, {
    status: "ready",
    database: "ok",
    warnings: [
      "chat.io has been failing since 23:48 UTC: 503.",
      "License 7 of Webex has been failing.",
      "Jobs are waiting: 83, the oldest for 3 min.",
      "No calls for Webex until 23:51:07 UTC.",
    ],
    "chat.io": "failing",
    Webex: "ok",
  });
  await request(app).get("/readyz").expect(200, { status: "ready", "chat.io": "failing", Webex: "ok" });
});
