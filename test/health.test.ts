import type { Express } from "express";
import request from "supertest";
import { expect, test } from "vitest";
import { StoreError } from "../src/errors.ts";
import { anInstaller, aReceivingPlatform, aWebex, createTestApp } from "./support/app.ts";

const NONE = async () => [];

test("/healthz says that the process answers, whatever else is wrong", async () => {
  const { app } = createTestApp({
    chatio: null,
    webex: null,
    checkStore: () => Promise.reject(new StoreError("the disk is full")),
  });

  const { body } = await request(app)
    .get("/healthz")
    .expect(200)
    .expect("Content-Type", /^application\/json/);

  expect(body).toEqual({ status: "ok", instance: expect.any(String) });
});

test("/readyz is 200 when the database can be written and both platforms work", async () => {
  const { app } = createTestApp();

  await request(app)
    .get("/readyz")
    .expect(200, { status: "ready", database: "ok", warnings: [], "chat.io": "ok", Webex: "ok" });
});

test.each([
  ["chat.io", { webex: null }, { "chat.io": "ok", Webex: "not set up" }],
  ["Webex", { chatio: null }, { "chat.io": "not set up", Webex: "ok" }],
])("/readyz is 200 with %s alone, and says what is not set up", async (_name, options, platforms) => {
  const { app } = createTestApp(options);

  await request(app)
    .get("/readyz")
    .expect(200, { status: "ready", database: "ok", warnings: [], ...platforms });
});

test("/readyz is 503 when no platform is set up", async () => {
  const { app } = createTestApp({ chatio: null, webex: null });

  await request(app).get("/readyz").expect(503, {
    status: "not ready",
    database: "ok",
    warnings: [],
    "chat.io": "not set up",
    Webex: "not set up",
  });
});

test("/readyz is 503 when the database cannot be written, and says so", async () => {
  const { app } = createTestApp({ checkStore: () => Promise.reject(new StoreError("the disk is full")) });

  await request(app).get("/readyz").expect(503, {
    status: "not ready",
    database: "the disk is full",
    warnings: [],
    "chat.io": "ok",
    Webex: "ok",
  });
});

test("/readyz is 503 when the store is closed", async () => {
  const { app, store } = createTestApp();
  await store.close();

  const { body } = await request(app).get("/readyz").expect(503);

  expect(body).toMatchObject({
    status: "not ready",
    database: expect.stringContaining("could not be written"),
  });
});

test.each(["chat.io", "Webex"])("/readyz is 503 when %s has a problem, and names it", async (name) => {
  const broken = aReceivingPlatform(NONE, { problem: () => "The token is wrong." });
  const { app } = createTestApp(
    name === "Webex" ? { webex: aWebex(broken) } : { chatio: { platform: broken, installer: anInstaller() } },
  );

  const { body } = await request(app).get("/readyz").expect(503);

  expect(body).toMatchObject({ status: "not ready", database: "ok", [name]: "The token is wrong." });
});

test("/readyz is 200 again once the problem is over", async () => {
  let problem: string | null = "The token is wrong.";
  const { app } = createTestApp({ webex: aWebex(aReceivingPlatform(NONE, { problem: () => problem })) });
  await request(app).get("/readyz").expect(503);

  problem = null;

  await request(app).get("/readyz").expect(200);
});

test("/readyz tells of what works but not as it should, and stays 200", async () => {
  const { app } = createTestApp({
    webex: aWebex(aReceivingPlatform(NONE, { warnings: () => ["A webhook is missing."] })),
  });

  const { body } = await request(app).get("/readyz").expect(200);

  expect(body).toMatchObject({ status: "ready", Webex: "ok", warnings: ["A webhook is missing."] });
});

test("/healthz names the process: the same one by the same name, another by another", async () => {
  const instanceOf = async (app: Express) => (await request(app).get("/healthz")).body.instance;
  const [one, another] = [createTestApp().app, createTestApp().app];

  expect(await instanceOf(one)).toBe(await instanceOf(one));
  expect(await instanceOf(one)).not.toBe(await instanceOf(another));
});
