import request from "supertest";
import { expect, test } from "vitest";
import { aClaim } from "../store/in-hand.ts";
import { createTestApp } from "../support/app.ts";
import { aJob } from "../support/jobs.ts";
import { asOperator, csrfIn, PASSWORD, wordsOf } from "../support/operator.ts";

/** The page with dead jobs of these keys, and its forms. */
function createDesk(...keys: string[]) {
  return createDeskOf({}, ...keys);
}

async function createDeskOf(options: { signingKey?: string }, ...keys: string[]) {
  let told = 0;
  const jobsPutBack = () => {
    told += 1;
  };
  const desk = createTestApp({ operatorPassword: PASSWORD, jobsPutBack, ...options });
  await desk.store.inbox.accept(keys.map((key) => aJob({ key })));
  for (const job of await desk.store.inbox.claim(aClaim({ owner: "worker-1", limit: 100, leaseMs: 1000 })))
    await desk.store.inbox.settle(job, { state: "dead", error: "refused" }, {});
  const operator = asOperator(desk.app);
  const page = (await operator.get("/status").expect(200)).text;
  const post = (fields: object) => operator.post("/status/retry").type("form").send(fields);
  const csrf = keys.length > 0 ? csrfIn(page) : "";
  const dead = async () => (await desk.store.desk.list({ state: "dead", limit: 100 })).map(({ key }) => key);
  return { ...desk, operator, page, post, csrf, dead, timesTold: () => told };
}

test("each dead job has a button that a screen reader can tell apart, and a form that works without scripts", async () => {
  const { page } = await createDesk('webex:"a"&b');

  expect(page).toContain('<form method="post" action="/status/retry" data-live>');
  expect(page).toContain('<input type="hidden" name="key" value="webex:&quot;a&quot;&amp;b">');
  expect(wordsOf(page)).toContain("Retry webex:&quot;a&quot;&amp;b");
});

test("a retry puts one job or all back, wakes the worker, and leads back to the page, which says so", async () => {
  const { csrf, dead, page, timesTold, operator, post, sink, store } = await createDesk("webex:a", "webex:b");
  expect(wordsOf(page)).toContain("Retry all 2 dead jobs");

  const { headers } = await post({ csrf, key: "webex:a" }).expect(303);

  expect(await dead()).toEqual(["webex:b"]);
  expect(await store.desk.find("webex:a")).toMatchObject({ state: "waiting" });
  expect(timesTold()).toBe(1);
  expect(headers.location).toBe("/status?notice=retried#inbox");
  expect(wordsOf((await operator.get("/status?notice=retried")).text)).toContain("The job was put back");
  expect(sink.messages()).toContain("The operator put dead jobs back.");

  // The list that was open is shown again.
  const rest = await post({ csrf, all: "dead", state: "dead" }).expect(303);
  expect(rest.headers.location).toBe("/status?state=dead&notice=all-retried#inbox");
  expect(await dead()).toEqual([]);
  expect(timesTold()).toBe(2);
});

test("a job that is no longer dead stays as it is, and a notice says so", async () => {
  const { csrf, timesTold, operator, post } = await createDesk("webex:a");
  await post({ csrf, key: "webex:a" });

  const [again, unknown, all] = [
    await post({ csrf, key: "webex:a" }).expect(303),
    await post({ csrf, key: "webex:nothing" }).expect(303),
    await post({ csrf, all: "dead" }).expect(303),
  ];

  expect(again.headers.location).toBe("/status?notice=not-dead#inbox");
  expect(unknown.headers.location).toBe("/status?notice=not-dead#inbox");
  expect(all.headers.location).toBe("/status?notice=none-dead#inbox");
  expect(timesTold()).toBe(1);
  expect(wordsOf((await operator.get("/status?notice=not-dead")).text)).toContain("is no longer dead");
});

test.each([
  ["none", {}],
  ["a wrong one", { csrf: "x".repeat(43) }],
  ["an empty one", { csrf: "" }],
  ["two", { csrf: ["a", "b"] }],
])("with %s as the CSRF token it is 403, nothing is put back, and a link leads on", async (_what, fields) => {
  const { dead, timesTold, post } = await createDesk("webex:a");

  const { text } = await post({ key: "webex:a", ...fields }).expect(403);

  expect(text).toContain('href="/status">Open the status page again</a>');
  expect(wordsOf(text)).toContain("Nothing was changed.");
  expect(await dead()).toEqual(["webex:a"]);
  expect(timesTold()).toBe(0);
});

test("the token counts only in a form, with the password, at servers with the same secrets", async () => {
  const { app, csrf, dead, operator } = await createDesk("webex:a");
  const another = await createDeskOf({ signingKey: "another" }, "webex:a");
  const same = await createDesk("webex:a");
  const form = { csrf, key: "webex:a" };

  await operator.post(`/status/retry?csrf=${csrf}&key=webex:a`).expect(403);
  await operator.post("/status/retry").send(form).expect(403);
  await request(app).post("/status/retry").type("form").send(form).expect(401);
  await another.post(form).expect(403);

  expect([await dead(), await another.dead()]).toEqual([["webex:a"], ["webex:a"]]);
  await same.post(form).expect(303);
  expect(await same.dead()).toEqual([]);
});

test("a form without a job is 400, and a form that is too large is 413, each on a page", async () => {
  const { csrf, dead, post } = await createDesk("webex:a");

  expect((await post({ csrf }).expect(400)).text).toContain("The form names no job.");
  expect((await post({ csrf, key: "x".repeat(10_300) }).expect(413)).text).toContain("larger than 10 kB");
  expect((await post(Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [i, ""])))).status).toBe(413);
  expect(await dead()).toEqual(["webex:a"]);
});

test("nothing from the address gets onto the page", async () => {
  const { operator } = await createDesk();

  for (const notice of ["<b>sold</b>", "constructor", "toString"]) {
    const { text } = await operator.get("/status").query({ notice, state: notice }).expect(200);
    expect(text).toContain('<div id="notice" role="status"></div>');
    expect(text).not.toContain("sold");
  }
});
