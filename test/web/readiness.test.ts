import type { Express } from "express";
import request from "supertest";
import { expect, onTestFinished, test, vi } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { aChatio, aWebex, createTestApp } from "../support/app.ts";
import { asOperator, PASSWORD } from "../support/operator.ts";

/** What the operator is shown. */
function ask(app: Express) {
  return asOperator(app).get("/readyz");
}

function createApp(overrides: Parameters<typeof createTestApp>[0] = {}) {
  return createTestApp({ operatorPassword: PASSWORD, ...overrides });
}

test("/healthz says that the process answers, whatever else is wrong", async () => {
  const { app } = createTestApp({
    chatio: null,
    webex: null,
    store: { check: () => Promise.reject(new StoreError("the disk is full")) },
  });

  const { body } = await request(app)
    .get("/healthz")
    .expect(200)
    .expect("Content-Type", /^application\/json/);

  expect(body).toEqual({ status: "ok", instance: expect.any(String) });
});

test("/readyz is 200 if the database can be written and both platforms work", async () => {
  const { app } = createApp();

  await ask(app).expect(200, { status: "ready", database: "ok", warnings: [], "chat.io": "ok", Webex: "ok" });
});

test.each([
  ["chat.io", { webex: null }, { "chat.io": "ok", Webex: "not set up" }],
  ["Webex", { chatio: null }, { "chat.io": "not set up", Webex: "ok" }],
])("/readyz is 200 with %s alone, and says what is not set up", async (_name, options, platforms) => {
  const { app } = createApp(options);

  await ask(app).expect(200, { status: "ready", database: "ok", warnings: [], ...platforms });
});

test("/readyz is 503 if no platform is set up", async () => {
  const { app } = createApp({ chatio: null, webex: null });

  await ask(app).expect(503, {
    status: "not ready",
    database: "ok",
    warnings: [],
    "chat.io": "not set up",
    Webex: "not set up",
  });
});

test("/readyz is 503 if the database cannot be written, and says so", async () => {
  const { app } = createApp({ store: { check: () => Promise.reject(new StoreError("the disk is full")) } });

  await ask(app).expect(503, {
    status: "not ready",
    database: "the disk is full",
    warnings: [],
    "chat.io": "ok",
    Webex: "ok",
  });
});

test("/readyz is 503 when the store is closed", async () => {
  const { app, store } = createApp();
  await store.close();

  const { body } = await ask(app).expect(503);

  expect(body).toMatchObject({
    status: "not ready",
    database: expect.stringContaining("could not be written"),
  });
});

test.each(["chat.io", "Webex"])("/readyz is 503 when %s has a problem, and names it", async (name) => {
  const broken = { problem: () => "The token is wrong." };
  const { app } = createApp(name === "Webex" ? { webex: aWebex(broken) } : { chatio: aChatio(broken) });

  const { body } = await ask(app).expect(503);

  expect(body).toMatchObject({ status: "not ready", database: "ok", [name]: "The token is wrong." });
});

test("/readyz is 200 again once the problem is over", async () => {
  let problem: string | null = "The token is wrong.";
  const { app } = createApp({ webex: aWebex({ problem: () => problem }) });
  await ask(app).expect(503);

  problem = null;

  await ask(app).expect(200);
});

test("/readyz lists warnings, and stays 200", async () => {
  const { app } = createApp({
    webex: aWebex({ warnings: () => ["A webhook is missing."] }),
  });

  const { body } = await ask(app).expect(200);

  expect(body).toMatchObject({ status: "ready", Webex: "ok", warnings: ["A webhook is missing."] });
});

test("/healthz identifies the process: always the same for one, different for another", async () => {
  const instanceOf = async (app: Express) => (await request(app).get("/healthz")).body.instance;
  const [one, another] = [createApp().app, createApp().app];

  expect(await instanceOf(one)).toBe(await instanceOf(one));
  expect(await instanceOf(one)).not.toBe(await instanceOf(another));
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
