import request from "supertest";
import { expect, test, vi } from "vitest";
import { Malformed, StoreError, Unauthentic } from "../../src/errors.ts";
import type { NewJob } from "../../src/job.ts";
import { aWebex, createTestApp } from "../support/app.ts";
import { aJob } from "../support/jobs.ts";
import { createBarrier } from "../support/worker.ts";

function post(app: Parameters<typeof request>[0], body: string | object = {}) {
  return request(app).post("/wtwebhook").set("Content-Type", "application/json").send(body);
}

function createReceiver(jobs: readonly NewJob[], overrides: Parameters<typeof createTestApp>[0] = {}) {
  let arrivals = 0;
  const arrived = () => {
    arrivals += 1;
  };
  const webex = aWebex({ open: async () => jobs });
  return { ...createTestApp({ webex, arrived, ...overrides }), arrivals: () => arrivals };
}

test("the jobs of a delivery are kept, and the worker is woken; without a new job it is a duplicate, and does not", async () => {
  const jobs = [aJob()];
  const { app, arrivals, store } = createReceiver(jobs);

  await post(app).expect(200, { status: "accepted" });
  await post(app).expect(200, { status: "duplicate" });
  expect(await store.desk.countByState()).toMatchObject({ waiting: 1 });
  expect(arrivals()).toBe(1);

  jobs.push(aJob());
  await post(app).expect(200, { status: "accepted" });
  expect(await store.desk.countByState()).toMatchObject({ waiting: 2 });
  expect(arrivals()).toBe(2);
});

test("a delivery without jobs is ignored, and nothing is kept", async () => {
  const { app, arrivals, store } = createReceiver([]);

  await post(app).expect(200, { status: "ignored" });

  expect(await store.desk.countByState()).toMatchObject({ waiting: 0 });
  expect(arrivals()).toBe(0);
});

test("nothing is answered before it is kept", async () => {
  const gate = createBarrier();
  const { store } = createTestApp();
  const inbox = { ...store.inbox, accept: () => gate.pass().then(() => 1) };
  const { app, arrivals } = createReceiver([aJob()], { store: { inbox } });
  let isAnswered = false;

  const answered = post(app).then((response) => {
    isAnswered = true;
    return response;
  });
  while (gate.waiting() === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect([isAnswered, arrivals()]).toEqual([false, 0]);
  gate.open();

  expect((await answered).body).toEqual({ status: "accepted" });
});

test("a delivery that the database cannot keep is 503, wakes nobody, and is accepted once it can", async () => {
  const { store } = createTestApp();
  const accept = vi.fn(store.inbox.accept).mockRejectedValueOnce(new StoreError("the disk is full"));
  const inbox = { ...store.inbox, accept };
  const { app, arrivals, sink } = createReceiver([aJob()], { store: { inbox } });

  await post(app).expect(503, { error: "The database cannot be used now. Try again later." });
  expect(arrivals()).toBe(0);
  expect(sink.messages()).toEqual(["Refused: the disk is full"]);

  await post(app).expect(200, { status: "accepted" });
});

test.each([
  [400, new Malformed("It has no data.")],
  [401, new Unauthentic("It is not signed.")],
  [503, new StoreError("the disk is gone")],
])("a delivery that cannot be opened is answered %d", async (status, error) => {
  const failing = aWebex({ open: () => Promise.reject(error) });
  const { app, store, sink } = createTestApp({ webex: failing });

  const { body } = await post(app).expect(status);

  expect(body).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) });
  expect(JSON.parse(sink.text())).toMatchObject({ method: "POST", path: "/wtwebhook", status });
  expect(await store.desk.countByState()).toMatchObject({ waiting: 0 });
});

test("a bug of the server is 500, and the answer says nothing about it", async () => {
  const failing = aWebex({ open: () => Promise.reject(new TypeError("x of undefined")) });
  const { app, sink } = createTestApp({ webex: failing });

  await post(app).expect(500, { error: "The server had an internal error. Its log says more." });

  expect(sink.text()).toContain("x of undefined");
});

test("the platform gets exactly the bytes and headers that arrived", async () => {
  const seen: { body: string; header: unknown }[] = [];
  const webex = aWebex({
    async open({ body, headers }) {
      seen.push({ body: body.toString("utf8"), header: headers["x-spark-signature"] });
      return [];
    },
  });
  const { app } = createTestApp({ webex });

  await post(app, '{ "a":1,  "ü":"\\u00fc"}\n').set("X-Spark-Signature", "ab").expect(200);

  expect(seen).toEqual([{ body: '{ "a":1,  "ü":"\\u00fc"}\n', header: "ab" }]);
});

test("the log names a delivery's jobs by their keys, without their content", async () => {
  const { app, sink } = createReceiver([aJob({ key: "webex:MSG1", payload: { messageId: "hidden" } })]);

  await post(app, '{"text":"words of the body"}').expect(200);

  expect(sink.messages()).toEqual(["Delivery accepted."]);
  expect(sink.text()).toContain("webex:MSG1");
  expect(sink.text()).not.toMatch(/hidden|words of the body/);
});
