import { expect, test } from "vitest";
import { claim, claimOne, DEAD, DONE } from "../store/in-hand.ts";
import { createTestApp } from "../support/app.ts";
import { aJob } from "../support/jobs.ts";
import { asOperator, csrfIn, PASSWORD, wordsOf } from "../support/operator.ts";

const LICENSE = { platform: "chatio", quota: "chatio:1520" };
const OTHER = { platform: "chatio", quota: "chatio:1521" };

function createDesk() {
  const desk = createTestApp({ operatorPassword: PASSWORD });
  const operator = asOperator(desk.app);
  const open = async (address: string) => (await operator.get(address.replace(/#.*/, "")).expect(200)).text;
  return { ...desk, operator, open };
}

/** The keys that a page lists. */
function listed(page: string): string[] {
  return [...page.matchAll(/<tr id="job-([^"]*)"/g)].map(([, key]) => decodeURIComponent(key ?? ""));
}

/** The address of a link by its words. */
function linkTo(page: string, words: string): string | null {
  const [, address] = new RegExp(`<a class="button"[^>]* href="([^"]*)">${words}</a>`).exec(page) ?? [];
  return address?.replaceAll("&amp;", "&") ?? null;
}

async function withTenants() {
  const desk = createDesk();
  const { inbox } = desk.store;
  for (const [key, end, whose] of [
    ["w1", DONE, {}],
    ["c1", DEAD, LICENSE],
    ["c2", DONE, LICENSE],
    ["o1", DONE, OTHER],
  ] as const) {
    await inbox.accept([aJob({ key, ...whose })]);
    await inbox.settle(await claimOne(inbox), end, {});
  }
  return desk;
}

test("the list is narrowed to a platform or an account, and each state of it", async () => {
  const { open } = await withTenants();
  const keys = async (query: string) =>
    listed(await open(`/status?${query}`))
      .toSorted()
      .join(" ");
  expect(await keys("")).toBe("c1 c2 o1 w1");
  expect(await keys("platform=chatio")).toBe("c1 c2 o1");
  expect(await keys("platform=chatio&account=1520")).toBe("c1 c2");
  expect(await keys("account=+1520+")).toBe("c1 c2");
  expect(await keys("platform=webex&account=1520")).toBe("");
  expect(await keys("account=1520&state=dead")).toBe("c1");
  expect(await keys("platform=&account=")).toBe("c1 c2 o1 w1");
});

test("a form narrows it without scripts, and shows what was chosen; links keep it", async () => {
  const { open } = await withTenants();
  const page = await open("/status?state=done&platform=chatio&account=%22%3Cb%3E");
  expect(page).toContain(
    '<form class="filter" method="get" action="/status#inbox"><input type="hidden" name="state" value="done">',
  );
  expect(page).toContain('<option value="chatio" selected>chat.io</option>');
  expect(page).toMatch(
    /<label for="account">License<\/label>\s*<input id="account"[^>]* value="&quot;&lt;b&gt;"/,
  );
  expect(page).toContain('href="/status?state=dead&amp;platform=chatio&amp;account=%22%3Cb%3E#inbox"');
  expect(page).toContain('<a href="/status?state=done#inbox">Show all</a>');
  expect(wordsOf(page)).toContain("No job fits.");
});

test("counts are those of the platform; those of an account are not counted", async () => {
  const { open } = await withTenants();
  expect(wordsOf(await open("/status?platform=chatio"))).toContain("all 3 waiting 0 working 0 done 2 dead 1");
  expect(wordsOf(await open("/status?account=1520"))).toContain("all waiting working done dead Platform");
  // The button retries all of them, not only those that are shown.
  expect(wordsOf(await open("/status"))).toContain("Retry the dead job");
  expect(wordsOf(await open("/status?platform=chatio"))).not.toContain("Retry the dead job");
});

test.each([
  "platform=nothing",
  "older=nonsense",
  "newer=%27",
  "older[]=1",
  "platform=chatio&platform=webex",
  "state=constructor",
])("what the address cannot mean is ignored: ?%s", async (query) => {
  const { open } = await withTenants();
  expect(listed(await open(`/status?${query}`))).toHaveLength(4);
});

test("more than 50 jobs are shown page by page, there and back, with the filter kept", async () => {
  const { store, open } = createDesk();
  await store.inbox.accept(Array.from({ length: 120 }, (_, index) => aJob({ key: `${index}`, ...LICENSE })));
  await store.inbox.accept([aJob({ key: "another" })]);
  const keys = Array.from({ length: 120 }, (_, index) => `${119 - index}`);

  const first = await open("/status?platform=chatio");
  expect(listed(first)).toEqual(keys.slice(0, 50));
  expect(linkTo(first, "Newer")).toBeNull();
  const second = await open(linkTo(first, "Older") ?? "");
  expect(linkTo(first, "Older")).toMatch(/^\/status\?platform=chatio&older=\d+#inbox$/);
  expect(listed(second)).toEqual(keys.slice(50, 100));
  const last = await open(linkTo(second, "Older") ?? "");
  expect(listed(last)).toEqual(keys.slice(100));
  expect(linkTo(last, "Older")).toBeNull();

  const back = await open(linkTo(last, "Newer") ?? "");
  expect(listed(back)).toEqual(keys.slice(50, 100));
  const start = await open(linkTo(back, "Newer") ?? "");
  expect(listed(start)).toEqual(keys.slice(0, 50));
  expect(linkTo(start, "Newer")).toBeNull();
  expect(linkTo(last, "Newest")).toBe("/status?platform=chatio#inbox");
  const beyond = await open("/status?older=0");
  expect(wordsOf(beyond)).toContain("There are no older jobs.");
  expect(linkTo(beyond, "Newer")).toBe("/status#inbox");
});

test("a retry leads back to the same page of the list", async () => {
  const { store, operator, open } = createDesk();
  await store.inbox.accept(Array.from({ length: 60 }, (_, index) => aJob({ key: `k${index}`, ...LICENSE })));
  for (const job of await claim(store.inbox, { owner: "worker-1" })) await store.inbox.settle(job, DEAD, {});
  const page = await open(linkTo(await open("/status?state=dead&account=1520"), "Older") ?? "");
  const [, form] = /(<form method="post" action="\/status\/retry"[\s\S]*?<\/form>)/.exec(page) ?? [];
  const fields = [...(form ?? "").matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
    name,
    value,
  ]);
  expect(csrfIn(page)).toBeTruthy();

  const { headers } = await operator
    .post("/status/retry")
    .type("form")
    .send(Object.fromEntries(fields))
    .expect(303);

  expect(headers.location).toMatch(/^\/status\?state=dead&account=1520&older=\d+-\d+&notice=retried#inbox$/);
});
