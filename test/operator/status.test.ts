import request from "supertest";
import { expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import type { ChatioInstallation } from "../../src/platforms/chatio/installation.ts";
import { claimOne } from "../store/in-hand.ts";
import { aChatio, aWebex, createTestApp } from "../support/app.ts";
import { aJob, anInstallation } from "../support/jobs.ts";
import { asOperator, PASSWORD, wordsOf } from "../support/operator.ts";
import { openTestStore, temporaryFolder } from "../support/store.ts";

function createDesk(overrides: Parameters<typeof createTestApp>[0] = {}) {
  const desk = createTestApp({ operatorPassword: PASSWORD, ...overrides });
  const open = async (path = "/status") => (await asOperator(desk.app).get(path).expect(200)).text;
  return { ...desk, open };
}

type Desk = ReturnType<typeof createDesk>;

/** A job that has come to this end. */
async function settled({ store }: Desk, key: string, end: "done" | "dead", words: string): Promise<void> {
  await store.inbox.accept([aJob({ key })]);
  const job = await claimOne(store.inbox);
  await store.inbox.settle(
    job,
    end === "done" ? { state: end, outcome: words } : { state: end, error: words },
    {},
  );
}

test("the page is not cached, and is updated by the script, or without scripts by the browser", async () => {
  const { app } = createDesk();

  const { text } = await asOperator(app).get("/status").expect(200).expect("Cache-Control", "no-store");

  expect(text).toContain('data-refresh-ms="5000"');
  expect(text).toContain('<noscript><meta http-equiv="refresh" content="30"></noscript>');
  expect(text).toContain('<a href="/status" aria-current="page">');
});

test("each platform is ok, not set up, or has a problem or warnings, as sentences", async () => {
  const fresh = await createDesk().open();
  expect(wordsOf(fresh)).toContain("No bot is installed yet.");
  expect(wordsOf(fresh)).toContain("Webex has not listed them yet.");
  expect(wordsOf(fresh)).toContain(
    "chat.io not installed yet Nobody has installed the bot yet. Install it Webex ok Everything works.",
  );
  expect(fresh).toContain('<h2 id="installations">');
  const store = openTestStore();
  await store.installations.of("chatio").save(anInstallation());
  const ok = await createDesk({ store }).open();
  expect(wordsOf(ok)).toContain("chat.io ok Everything works. Webex ok");

  const broken = { problem: () => "The token is <wrong>." };
  const warned = { warnings: () => ["One thing.", "Another."] };
  const bad = await createDesk({
    chatio: aChatio(broken),
    webex: aWebex(warned),
  }).open();
  expect(bad).toContain("The token is &lt;wrong&gt;.");
  expect(wordsOf(bad)).toMatch(/chat\.io does not work .* Webex works, with warnings One thing\. Another\./);

  const none = wordsOf(await createDesk({ chatio: null, webex: null }).open());
  expect(none).toContain("chat.io not set up The steps are on the home page . Webex not set up");
  expect(none).not.toContain("Webhooks at Webex");
  expect(none).not.toContain("Install or reinstall");
});

test("the words that the page uses are explained on it", async () => {
  const page = wordsOf(await createDesk().open());
  for (const explained of [
    "A delivery is one webhook: a message in which a platform says",
    "A job is what one webhook, a message of a platform, asks the bot to do.",
    "It is settled once it is done or dead. Dead means that the server has given up.",
    "Install or reinstall on chat.io Sign in at chat.io with the license you mean. That is its word for a company’s account.",
  ])
    expect(page).toContain(explained);
});

test("a platform that nobody has looked at as a whole does not say that everything works", async () => {
  const webex = aWebex({ unseen: () => "Its webhooks have not been looked at yet." });
  const words = wordsOf(await createDesk({ webex }).open());
  expect(words).toContain(
    "Webex ok Everything that was looked at works. Its webhooks have not been looked at yet.",
  );
});

test("installations are listed with platform, account, bot, state, and how long the token is valid", async () => {
  const path = `${temporaryFolder()}/status.db`;
  const elsewhere = openTestStore(path, "another-client-secret");
  const store = openTestStore(path);
  const save = ({ account = "1", ...more }: Partial<ChatioInstallation>, into = store) =>
    into.installations.of("chatio").save(
      anInstallation({
        account,
        botId: `bot-${account}`,
        credentials: {
          accessToken: `access-invented-${account}`,
          refreshToken: `refresh-invented-${account}`,
          webhookSecret: `webhook-invented-${account}`,
        },
        ...more,
      }),
    );
  await save({ account: "1520", expiresAt: Date.now() + 51.5 * 60_000 });
  await save({ account: "1521", needsReinstall: true, expiresAt: Date.now() - 7_300_000 });
  await save({ account: "1522" }, elsewhere);

  const page = await createDesk({ store }).open();

  expect(wordsOf(page)).toMatch(/chat\.io 1520 ok [\d:, a-zA-Z]+ in 51 minutes bot-1520/);
  expect(wordsOf(page)).toMatch(/1521 needs a reinstall bot-1521/);
  expect(wordsOf(page)).toMatch(/1522 its tokens cannot be read bot-1522/);
  expect(page).toContain('href="http://localhost:5000/install"');
  expect(page).not.toMatch(/(access|refresh|webhook)-invented/);
  expect(wordsOf(page)).not.toContain("false");
});

test("a platform of which no installation works does not work; one of several that does not is a warning", async () => {
  const { store } = createTestApp();
  const installations = store.installations.of("chatio");
  const chatio = aChatio({ warnings: () => ["Installations that only a reinstall …"] });
  const open = async () => wordsOf(await createDesk({ chatio, store }).open());
  await installations.save(anInstallation({ account: "1520", needsReinstall: true }));
  expect(await open()).toContain("chat.io does not work Installations that");

  await installations.save(anInstallation({ account: "1521", lookup: "another" }));
  expect(await open()).toContain("chat.io works, with warnings Installations that");
});

test("webhooks are listed as last seen, with their owner", async () => {
  const base = {
    targetUrl: "https://bots.example/wtwebhook",
    isActive: true,
    isOurs: true,
    isElsewhere: false,
  };
  const hooks = () => ({
    lookedAt: Date.now() - 125_000,
    hooks: [
      { ...base, name: "globobot: 1:1 rooms" },
      { ...base, name: "globobot: mentions", isActive: false },
      { ...base, name: "globobot: old", targetUrl: "https://old.example/", isElsewhere: true },
      { ...base, name: "<other>", targetUrl: "https://other.example/", isOurs: false },
    ],
  });

  const page = await createDesk({ webex: aWebex({ hooks }) }).open();

  expect(wordsOf(page)).toContain("active globobot: 1:1 rooms https://bots.example/wtwebhook");
  expect(wordsOf(page)).toContain("switched off globobot: mentions");
  expect(wordsOf(page)).toContain("another program’s &lt;other&gt; https://other.example/");
  expect(wordsOf(page)).toContain("sends elsewhere globobot: old https://old.example/");
  expect(wordsOf(page)).toContain("Checked 2 minutes ago");
  const noHooks = aWebex({ hooks: () => ({ lookedAt: Date.now(), hooks: [] }) });
  expect(wordsOf(await createDesk({ webex: noHooks }).open())).toContain("npm run webhooks -- add webex .");
});

test("jobs are counted by state, each count a link to those jobs; the 50 newest are shown", async () => {
  const desk = createDesk();
  await settled(desk, "webex:old", "done", "replied");
  await settled(desk, "webex:broken", "dead", "Webex refused <b>it</b> with 403.");
  await desk.store.inbox.accept([aJob({ key: "webex:new" })]);

  const page = await desk.open();
  expect(wordsOf(page)).toContain("all 3 waiting 1 working 0 done 1 dead 1");
  expect(page).toContain('<a href="/status#inbox" aria-current="true">');
  expect(wordsOf(page)).toMatch(/webex:new .*webex:broken .*replied webex:old Webex 1/);
  expect(page).toContain("Webex refused &lt;b&gt;it&lt;/b&gt; with 403.");

  const dead = await desk.open("/status?state=dead");
  expect(dead).toContain('<a href="/status?state=dead#inbox" aria-current="true">');
  expect(dead).toContain("webex:broken");
  expect(dead).not.toMatch(/webex:(old|new)/);
  expect(wordsOf(await desk.open("/status?state=working"))).toContain("No job is working.");
  expect(await desk.open("/status?state=nonsense")).toContain("webex:old");

  await desk.store.inbox.accept(Array.from({ length: 50 }, () => aJob()));
  const latest = await desk.open();
  expect(latest.match(/<tr id="job-/g)).toHaveLength(50);
  expect(latest).not.toContain("webex:new");
});

test("dead jobs are announced at the top, with a link; without dead jobs nothing is", async () => {
  const desk = createDesk();
  expect(wordsOf(await desk.open())).not.toMatch(/dead:|Retry/);

  await settled(desk, "webex:a", "dead", "no");
  expect(wordsOf(await desk.open())).toContain("One job is dead");
  await settled(desk, "webex:b", "dead", "no");
  expect(wordsOf(await desk.open())).toContain("2 jobs are dead");
});

test("the card of their platform counts its dead jobs, with a link to them; it does not call everything well", async () => {
  const desk = createDesk();
  await settled(desk, "webex:a", "dead", "no");
  const page = await desk.open();
  expect(wordsOf(page)).toContain(
    "chat.io not installed yet Nobody has installed the bot yet. Install it Webex works, with warnings dead: 1 Dead jobs: 1. See why",
  );
  expect(page).toContain('<a href="/status?state=dead&amp;platform=webex#inbox">See why</a>');
});

test("deliveries to all platforms are counted in the last hour, those to one that is not set up as refused", async () => {
  const webex = aWebex({ open: async () => [aJob({ key: "webex:1" })] });
  const { app, open } = createDesk({ webex });
  expect(wordsOf(await open())).toMatch(
    /The last hour Since \d\d:\d\d UTC, when the server was started: nothing/,
  );

  for (let count = 0; count < 3; count += 1) await request(app).post("/wtwebhook").send({}).expect(200);
  await request(app).post("/webhook").send({}).expect(200);
  await request(app).post("/webhook").expect(415);

  expect(wordsOf(await open())).toContain(
    "5 deliveries (1 accepted, 2 duplicate, 1 ignored, 1 refused). No reactions.",
  );

  const off = createDesk({ webex: null });
  await request(off.app).post("/wtwebhook").send({}).expect(503);
  expect(wordsOf(await off.open())).toContain("1 delivery (1 refused).");
});

test("the operator's pages have nothing inline, nothing from other sites, and no duplicate ids", async () => {
  const desk = createDesk();
  await settled(desk, "webex:a", "dead", "no");
  await settled(desk, "webex:b c", "dead", "no");
  await request(desk.app).post("/wtwebhook").send({}).expect(200);

  for (const path of [
    "/status",
    "/status?state=dead&notice=retried",
    "/status?account=1520",
    "/status/jobs/webex%3Ab%20c",
    "/crm",
    "/crm?account=acct100",
  ]) {
    const page = await desk.open(path);
    expect(page).not.toMatch(/<style|<script(?! type="module" src="\/assets\/)|\sstyle=|\son\w+=|@import/i);
    expect(page).not.toMatch(/ (src|action|rel="stylesheet" href)="(?!\/(assets|status|crm)\b)/);
    expect(page).not.toMatch(/>\s*(undefined|null|false|NaN|\[object)/);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id?.includes(" "))).toEqual([]);
  }
});

test("a database that cannot be read is 503 on a page that says why and what to do", async () => {
  const { store } = createTestApp();
  const desk = { ...store.desk, list: () => Promise.reject(new StoreError("the disk is gone")) };
  const { app } = createDesk({ store: { desk } });

  const { text } = await asOperator(app).get("/status").expect(503);

  expect(wordsOf(text)).toContain("the disk is gone");
  expect(wordsOf(text)).toContain("npm run doctor");
});

test("a failing platform says so, failing licenses are named, and a backlog is announced at the top", async () => {
  const sentence = "chat.io has been failing since 23:48 UTC: 503; 83 jobs are waiting";
  const license =
    "License 1520 of chat.io has been failing since 23:48 UTC: 503; jobs are waiting in 2 chats";
  const backlog = "Jobs are waiting: 83, the oldest for 3 min";
  const pause = "No calls for license 1520 of chat.io until 23:51:07 UTC, as the platform asked";
  const openWith = (isWhole: boolean, sentence: string) =>
    createDesk({
      troubles: () => ({
        outages: [{ platform: "chatio", isWhole, sentence }],
        backlog,
        pauses: [pause],
      }),
    }).open();

  const whole = await openWith(true, sentence);
  expect(wordsOf(whole)).toContain(`chat.io failing ${sentence}. Webex ok Everything works.`);
  expect(wordsOf(whole)).toContain(`${backlog}. See what they are waiting for`);
  expect(wordsOf(whole)).toContain(pause);
  expect(whole).toContain('<a href="/status?state=waiting#inbox">');
  expect(wordsOf(await openWith(false, license))).toContain(`chat.io works, with warnings ${license}.`);
});

test("a waiting job says what it waits for, and how its attempts ended", async () => {
  const desk = createDesk();
  const { inbox, holds } = desk.store;
  await inbox.accept([aJob({ key: "webex:first", lane: "R1" }), aJob({ key: "webex:second", lane: "R1" })]);
  const job = await claimOne(inbox);
  const error = "Webex answered POST /messages with <503>.";
  await inbox.settle(job, { state: "waiting", error, afterMs: 12_000 }, {}, 1240);
  expect(wordsOf(await desk.open())).toMatch(/with &lt;503&gt;\. Next try in 1[12] s\./);

  await holds.hold("webex", "failing", 4000);
  const page = wordsOf(await desk.open());
  expect(page).toMatch(/Webex is failing, next probe in [34] s\./);
  expect(page).toContain("Waits for the job before it in its chat.");
  expect(page).toMatch(
    /1 attempt at webex:first \d\d:\d\d:\d\d , 1\.2 s: Webex answered POST \/messages with/,
  );

  await holds.hold("webex", "asked", 60_000);
  expect(wordsOf(await desk.open())).toMatch(/Held by Webex until [\d: -]+ UTC\./);
});
