import { expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { createTestApp } from "../support/app.ts";
import { aJob } from "../support/jobs.ts";
import { asOperator, csrfIn, PASSWORD, wordsOf } from "../support/operator.ts";

const FULL = "The database could not be written: database or disk is full. Make room on its disk.";

/** The operator's pages over a database that can be read but not written. */
async function createFullDesk() {
  const refuse = () => Promise.reject(new StoreError(FULL));
  const { store } = createTestApp();
  await store.inbox.accept([aJob({ key: "webex:M1" })]);
  const desk = { ...store.desk, retry: refuse, retryAllDead: refuse, drop: refuse };
  const { app } = createTestApp({
    operatorPassword: PASSWORD,
    store: { ...store, desk, check: refuse },
  });
  const operator = asOperator(app);
  const open = async (path: string) => (await operator.get(path).expect(200)).text;
  return { operator, open };
}

test("a database that cannot be written is said at the top of /status and of a job's page, as on /readyz", async () => {
  const { operator, open } = await createFullDesk();
  const { body } = await operator.get("/readyz").expect(503);
  expect(body.database).toBe(FULL);

  for (const path of ["/status", "/status/jobs/webex%3AM1"])
    expect(await open(path)).toContain(`<p class="notice bad">${FULL}</p>`);
});

test("meanwhile no platform works, and jobs wait for the database", async () => {
  const { open } = await createFullDesk();
  const status = wordsOf(await open("/status"));
  expect(status).not.toContain("Everything works.");
  expect(status).toContain("Webex does not work The database cannot be written");
  expect(status).toContain("Waits until the database can be written.");
  expect(wordsOf(await open("/status/jobs/webex%3AM1"))).toContain(
    "It is tried once the database can be written again.",
  );
});

test.each([
  ["/status/retry", { key: "webex:M1" }],
  ["/status/retry", { all: "dead" }],
  ["/status/drop", { key: "webex:M1" }],
])("%s with %j then says what the database says, to the one who runs the server", async (path, fields) => {
  const { operator, open } = await createFullDesk();
  const csrf = csrfIn(await open("/status/jobs/webex%3AM1"));
  const { text } = await operator
    .post(path)
    .type("form")
    .send({ csrf, ...fields })
    .expect(503);
  expect(wordsOf(text)).toContain(FULL);
  expect(text).not.toContain("ask whoever runs this server");
  expect(text).toContain('href="/status"');
});
