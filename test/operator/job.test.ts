import request from "supertest";
import { describe, expect, test } from "vitest";
import type { NewJob } from "../../src/job.ts";
import type { AttemptCalls, Settlement } from "../../src/store/store.ts";
import { claimOne, DEAD, DONE, waiting } from "../store/in-hand.ts";
import { createTestApp } from "../support/app.ts";
import { aJob } from "../support/jobs.ts";
import { asOperator, csrfIn, PASSWORD, wordsOf } from "../support/operator.ts";

const LICENSE = { platform: "chatio", quota: "chatio:1520" };

function createDesk() {
  let told = 0;
  const desk = createTestApp({
    operatorPassword: PASSWORD,
    jobsPutBack: () => {
      told += 1;
    },
  });
  const operator = asOperator(desk.app);
  const { inbox } = desk.store;
  const pathOf = (key: string) => `/status/jobs/${encodeURIComponent(key)}`;
  return {
    ...desk,
    operator,
    pathOf,
    open: async (key: string) => (await operator.get(pathOf(key)).expect(200)).text,
    accept: (job: Partial<NewJob>) => inbox.accept([aJob(job)]),
    async attempt(settlement: Settlement, tookMs = 0, calls?: AttemptCalls) {
      await inbox.settle(await claimOne(inbox), settlement, { step: "SECRET-STEP" }, tookMs, calls);
    },
    post: (path: string, fields: object) => operator.post(path).type("form").send(fields),
    timesTold: () => told,
  };
}

type Desk = ReturnType<typeof createDesk>;

async function withDeadJob(key = "chatio:1520:C1:E1"): Promise<Desk> {
  const desk = createDesk();
  await desk.accept({ key, ...LICENSE });
  await desk.attempt(DEAD);
  return desk;
}

describe("the page of a job", () => {
  test("shows what it is, whose, when, and its attempts with their calls, the newest first", async () => {
    const desk = createDesk();
    await desk.accept({ key: "chatio:1520:C1:E1", ...LICENSE });
    const join = { name: "join_chat", ms: 80, status: 200 };
    await desk.attempt({ ...waiting(0), error: "chat.io did not <answer>." }, 30_100, {
      last: [join, { name: "send_event", ms: 30_000, status: null }],
      before: 3,
    });
    await desk.attempt(DEAD, 210, { last: [{ name: "send_event", ms: 60, status: 403 }], before: 0 });

    const page = await desk.open("chatio:1520:C1:E1");

    const words = wordsOf(page);
    expect(page).toContain("<title>Job chatio:1520:C1:E1 · chatops-server</title>");
    expect(words).toMatch(
      /State dead Last error refused for good Platform chat\.io License 1520 See its jobs \(chat\.io’s word for a company’s account\)/,
    );
    expect(words).toMatch(
      /Accepted [\d:]+ UTC \d seconds? ago Settled [\d:]+ UTC .* Attempts 2 Key chatio:1520:C1:E1 /,
    );
    expect(words).toMatch(
      /gave up [\d:]+ UTC took 210 ms refused for good Call Answer Took send_event 403 60 ms failed [\d:]+ UTC took 30 s chat\.io did not &lt;answer&gt;\. 3 calls before these are not kept\. Call Answer Took join_chat 200 80 ms send_event no answer 30 s/,
    );
    expect(page).toContain('href="/status?platform=chatio&amp;account=1520#inbox"');
    expect(page).toContain('data-refresh-ms="5000"');
    expect(page).not.toContain("SECRET-STEP");
  });

  test("names the server that has it in hand, while one has", async () => {
    const desk = createDesk();
    await desk.accept({ key: "chatio:1520:C1:E1", ...LICENSE });
    expect(wordsOf(await desk.open("chatio:1520:C1:E1"))).not.toContain("In hand");
    await claimOne(desk.store.inbox, { owner: "machine-1" });
    expect(wordsOf(await desk.open("chatio:1520:C1:E1"))).toContain("In hand at server machine-1");
  });

  test("folds equal attempts in a row into one, and each can be opened", async () => {
    const desk = createDesk();
    await desk.accept({ key: "webex:M1" });
    const failed = (error: string) => ({ ...waiting(0), error });
    const calls = { last: [{ name: "get_message", ms: 60, status: 503 }], before: 0 };
    await desk.attempt(failed("Webex is not there."), 10, calls);
    for (const ms of [20, 30, 40]) await desk.attempt(failed("Webex answered with 503."), ms, calls);
    await desk.attempt(DEAD, 50, calls);

    const page = await desk.open("webex:M1");

    expect(wordsOf(page)).toMatch(
      /gave up [\d:]+ UTC took 50 ms refused for good .* failed 3 times, from [\d:]+ to [\d:]+ UTC Webex answered with 503\. Show each [\d:]+ UTC took 40 ms Call Answer Took get_message 503 60 ms [\d:]+ UTC took 30 ms .* [\d:]+ UTC took 20 ms .* failed [\d:]+ UTC took 10 ms Webex is not there\./,
    );
    expect(page.match(/Webex answered with 503\./g)).toHaveLength(1);
    // The oldest names it, so that it stays open when more follow.
    expect(page).toMatch(/<details id="attempts-\d+"><summary>/);
  });

  test("folds attempts that differ only in the platform's ids, and shows these where each is opened", async () => {
    const desk = createDesk();
    await desk.accept({ key: "webex:M1" });
    const failed = (id: string) => ({
      ...waiting(0),
      error: `LiveChat answered with 503, x-debug-id ${id}.`,
    });
    const ids = ["388d11be-c7c7-479c-9b46-845c99fef1cb", "8f9dd91a-3ac4-4f3e-a55c-c8b0bf0d3996"];
    for (const id of ids) await desk.attempt(failed(id));
    await desk.attempt({ ...waiting(0), error: "LiveChat answered with 500, x-debug-id 1." });

    const words = wordsOf(await desk.open("webex:M1"));

    const [older, newer] = ids;
    expect(words).toMatch(
      new RegExp(
        `with 500, x-debug-id 1\\. .* failed 2 times, .*id ${newer}\\. Show each .* UTC .*id ${newer}\\. .* UTC .*id ${older}\\.`,
      ),
    );
  });

  test("explains what a job is and when it is settled", async () => {
    const page = wordsOf(await (await withDeadJob()).open("chatio:1520:C1:E1"));
    expect(page).toContain("A job is what one webhook, a message of a platform, asks the bot to do.");
    expect(page).toContain("It is settled once it is done or dead. Dead means that the server has given up.");
  });

  test("says what happens next, also of a job that was never tried", async () => {
    const desk = createDesk();
    await desk.accept({ key: "webex:M1", payload: { messageId: "SECRET-PAYLOAD" } });
    await desk.store.holds.hold("webex", "asked", 60_000);
    const page = await desk.open("webex:M1");
    expect(wordsOf(page)).toMatch(/What happens next It is tried after .* UTC\. Webex has asked for a pause/);
    expect(wordsOf(page)).toContain("Attempts None has ended yet.");
    expect(wordsOf(page)).toMatch(/Platform Webex Accepted/);
    expect(page).not.toContain("SECRET-PAYLOAD");
  });

  test("of a job that was put back and done has one number of attempts, both times, and no last error", async () => {
    const desk = await withDeadJob("webex:M1");
    const before = wordsOf(await desk.open("webex:M1"));
    expect(before).toContain("Last error refused for good");
    expect(before).not.toContain("Put back");
    await desk.store.desk.retry("webex:M1");
    await desk.attempt(DONE);

    const words = wordsOf(await desk.open("webex:M1"));
    expect(words).toMatch(/Accepted [\d:]+ UTC .* Put back [\d:]+ UTC .* Settled/);
    expect(words).toContain("Attempts 2 Key");
    expect(words).not.toContain("Last error");
    expect(words).not.toContain("Not all are listed");
    expect(wordsOf((await desk.operator.get("/status")).text)).toContain("2 attempts at webex:M1");
  });

  test("says that attempts are missing if not all are on record", async () => {
    const desk = createDesk();
    await desk.accept({ key: "webex:M1" });
    await claimOne(desk.store.inbox, { owner: "killed" });
    await desk.store.inbox.recover();
    await desk.attempt(DONE);
    const words = wordsOf(await desk.open("webex:M1"));
    expect(words).toContain("Attempts 2");
    expect(words).toContain("No call is on record.");
    expect(words).toContain("Not all are listed: the last 20 are kept");
  });

  test.each(["webex:a/b?c#d", "webex:%2F %", 'webex:"<b>&', "webex:🍕..", "webex:\u0001", "webex:+&="])(
    "is found whatever characters the key has: %j",
    async (key) => {
      const desk = await withDeadJob(key);
      const [, link] = /class="to-job" href="([^"]+)"/.exec((await desk.operator.get("/status")).text) ?? [];
      expect(link).toBe(desk.pathOf(key));
      await desk.operator.get(link ?? "").expect(200);
    },
  );

  test("of an unknown key is 404, with what to do; of a broken address 400", async () => {
    const { operator } = createDesk();
    const { text } = await operator.get("/status/jobs/webex%3Aunheard-of").expect(404);
    expect(wordsOf(text)).toContain("There is no job with this key. A job is deleted 7 days after");
    expect(text).toContain('href="/status#inbox"');
    expect(text).not.toContain("unheard-of");
    await operator.get("/status/jobs/%E0%A4%A").expect(400);
    await operator.post("/status/jobs/webex%3A1").expect(405);
  });
});

describe("retry and drop", () => {
  test("are offered where they are possible, and each says first what it does", async () => {
    const desk = await withDeadJob();
    const dead = await desk.open("chatio:1520:C1:E1");
    expect(dead).toMatch(
      /<details id="retry"><summary class="button">Retry…<\/summary>\s*<form method="post"/,
    );
    expect(dead).toMatch(/<details id="drop"><summary class="button">Drop…<\/summary>\s*<form method="post"/);

    await desk.accept({ key: "webex:M1" });
    const waits = await desk.open("webex:M1");
    expect(waits).not.toContain("Retry…");
    expect(wordsOf(waits)).toContain("What it asks for is then not done.");
    const inHand = await claimOne(desk.store.inbox);
    expect(await desk.open("webex:M1")).not.toMatch(/Retry…|Drop…/);
    await desk.store.inbox.settle(inHand, DONE, {});
    const done = wordsOf(await desk.open("webex:M1"));
    expect(done).toMatch(
      /Drop its record… What the job did stays done\. .* If it is delivered again, it is done a second time\./,
    );
    expect(done).toContain("Yes, drop the record");
  });

  test("a retry puts the job back and leads to its page again, which says so", async () => {
    const desk = await withDeadJob();
    const key = "chatio:1520:C1:E1";
    const csrf = csrfIn(await desk.open(key));

    const { headers } = await desk.post("/status/retry", { csrf, key, page: "job" }).expect(303);

    expect(headers.location).toBe(`${desk.pathOf(key)}?notice=retried`);
    expect(wordsOf((await desk.operator.get(headers.location ?? "")).text)).toContain("The job was put back");
    expect(desk.timesTold()).toBe(1);
    const again = await desk.post("/status/retry", { csrf, key, page: "job" }).expect(303);
    expect(again.headers.location).toBe(`${desk.pathOf(key)}?notice=not-dead`);
  });

  test("a dropped job is gone, and the list says so; one in hand stays", async () => {
    const desk = await withDeadJob();
    const key = "chatio:1520:C1:E1";
    const csrf = csrfIn(await desk.open(key));

    const { headers } = await desk.post("/status/drop", { csrf, key, page: "job" }).expect(303);

    expect(headers.location).toBe("/status?notice=dropped#inbox");
    expect(await desk.store.desk.find(key)).toBeNull();
    expect(wordsOf((await desk.operator.get("/status?notice=dropped")).text)).toContain(
      "The job was dropped.",
    );
    expect(desk.sink.messages()).toContain("The operator dropped a job.");
    const gone = await desk.post("/status/drop", { csrf, key, page: "job" }).expect(303);
    expect(gone.headers.location).toBe("/status?notice=not-dropped#inbox");

    await desk.accept({ key: "webex:M1" });
    await claimOne(desk.store.inbox);
    const inHand = await desk.post("/status/drop", { csrf, key: "webex:M1", page: "job" }).expect(303);
    expect(inHand.headers.location).toBe("/status/jobs/webex%3AM1?notice=not-dropped");
    expect(await desk.store.desk.find("webex:M1")).toMatchObject({ state: "working" });
  });

  test("a drop takes the token of our own forms, the password, and a key", async () => {
    const desk = await withDeadJob();
    const key = "chatio:1520:C1:E1";
    const csrf = csrfIn(await desk.open(key));
    await desk.post("/status/drop", { key }).expect(403);
    await desk.post("/status/drop", { key, csrf: "guessed" }).expect(403);
    await request(desk.app).post("/status/drop").type("form").send({ csrf, key }).expect(401);
    await desk.post("/status/drop", { csrf }).expect(400);
    await desk.operator.get("/status/drop").expect(405);
    expect(await desk.store.desk.find(key)).not.toBeNull();
  });
});
