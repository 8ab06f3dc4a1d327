import { expect, onTestFinished, test, vi } from "vitest";
import { ana, itemsOf, refusalOf, startListening, startWebex } from "./webex-caller.ts";

const targetUrl = "http://127.0.0.1:9/hook";
const asked = { name: "globobot", targetUrl, resource: "messages", event: "created" };

test("a webhook is created, listed, changed and deleted", async () => {
  const { sandbox, call, get, post } = await startWebex();

  const created = await post("/webhooks", { ...asked, filter: "mentionedPeople=me", secret: "s" });
  expect(created.status).toBe(200);
  const hook = sandbox.webhooks()[0];
  expect(hook).toMatchObject({ ...asked, filter: "mentionedPeople=me", secret: "s", status: "active" });
  expect(hook).toMatchObject({ createdBy: sandbox.bot.id, ownedBy: "creator", orgId: expect.any(String) });
  expect(await created.json()).toEqual(hook);
  expect(await itemsOf(await get("/webhooks"))).toEqual([hook]);

  const change = { name: "new", targetUrl: `${targetUrl}2`, event: "deleted", filter: "roomType=group" };
  const changed = await call("PUT", `/webhooks/${hook?.id}`, change);
  expect(await changed.json()).toEqual({ ...hook, name: "new", targetUrl: `${targetUrl}2` });

  const deleted = await call("DELETE", `/webhooks/${hook?.id}`);
  expect([deleted.status, await deleted.text()]).toEqual([204, ""]);
  expect(await itemsOf(await get("/webhooks"))).toEqual([]);
  expect(await refusalOf(await call("DELETE", `/webhooks/${hook?.id}`))).toMatchObject({ status: 404 });
});

test.each([
  { name: "" },
  { targetUrl: "nowhere" },
  { resource: "Messages" },
  { event: "CREATED" },
  { ownedBy: "org" },
  { unheardOf: 1 },
  { filter: "" },
  { filter: "mentionedPeople" },
  { filter: "colour=red" },
  { filter: "roomType=huge" },
  { filter: "mentionedPeople=unknown" },
  { filter: "roomType=group&colour=red" },
  { resource: "rooms", filter: "roomType=group" },
])("a webhook with %o is refused", async (wrong) => {
  const { post, sandbox } = await startWebex();
  expect(await refusalOf(await post("/webhooks", { ...asked, ...wrong }))).toMatchObject({ status: 400 });
  expect(sandbox.webhooks()).toEqual([]);
});

test("a change needs a name and a target URL, and can only set a hook active", async () => {
  const { sandbox, call, post } = await startWebex();
  await post("/webhooks", asked);
  const path = `/webhooks/${sandbox.webhooks()[0]?.id}`;
  for (const body of [{}, { name: "n" }, { targetUrl }, { name: "n", targetUrl, status: "inactive" }]) {
    expect(await refusalOf(await call("PUT", path, body))).toMatchObject({ status: 400 });
  }
});

test("lists come in pages, linked by absolute URLs", async () => {
  const { get, post, sandbox } = await startWebex();
  for (const name of ["one", "two", "three"]) await post("/webhooks", { ...asked, name });

  const first = await get("/webhooks?max=2");
  expect(await itemsOf(first)).toMatchObject([{ name: "one" }, { name: "two" }]);
  const [, next = ""] = /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
  expect(next.startsWith(`${sandbox.apiUrl}/webhooks?`)).toBe(true);
  const last = await get(next);
  expect(await itemsOf(last)).toMatchObject([{ name: "three" }]);
  expect(last.headers.get("link")).toBeNull();

  expect((await get("/webhooks?max=100000")).status).toBe(200);
  expect(await refusalOf(await get("/webhooks?max=0"))).toMatchObject({ status: 400 });
  expect(await refusalOf(await get("/webhooks?max=many"))).toMatchObject({ status: 400 });
});

/** A clock that the test sets. */
function stopDate(): void {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
}

test("a hook is disabled by 100 failed deliveries within five minutes, and hears nothing until enabled", async () => {
  stopDate();
  const { sandbox, direct, receiver, call, hook } = await startListening();
  receiver.status = () => 500;
  for (let failed = 1; failed <= 99; failed += 1) await sandbox.says(ana, direct.id, "lost");
  vi.setSystemTime(Date.now() + 5 * 60_000);
  for (let failed = 1; failed <= 99; failed += 1) await sandbox.says(ana, direct.id, "lost later");
  expect(sandbox.webhooks()).toMatchObject([{ status: "active" }]);
  await sandbox.says(ana, direct.id, "the last");
  expect(sandbox.webhooks()).toMatchObject([{ status: "inactive" }]);

  receiver.status = () => 200;
  await sandbox.says(ana, direct.id, "unheard");
  expect(receiver.received).toHaveLength(199);
  await call("PUT", `/webhooks/${hook.id}`, { name: "n", targetUrl: receiver.url, status: "active" });
  await sandbox.says(ana, direct.id, "heard");
  expect(receiver.received).toHaveLength(200);
});

test("a hook enabled within five minutes of being disabled is disabled by its first failure; later it is not", async () => {
  stopDate();
  const { sandbox, direct, receiver, call, hook } = await startListening();
  const enable = () =>
    call("PUT", `/webhooks/${hook.id}`, { name: "n", targetUrl: receiver.url, status: "active" });
  receiver.status = () => 500;

  sandbox.disableWebhook(hook.id);
  vi.setSystemTime(Date.now() + 4 * 60_000);
  await enable();
  await sandbox.says(ana, direct.id, "lost");
  expect(sandbox.webhooks()).toMatchObject([{ status: "inactive" }]);

  vi.setSystemTime(Date.now() + 5 * 60_000);
  await enable();
  await sandbox.says(ana, direct.id, "lost too");
  expect(sandbox.webhooks()).toMatchObject([{ status: "active" }]);
});
