import { expect, test, vi } from "vitest";
import { ana, startListening } from "./webex-caller.ts";

test("a hook is disabled by 100 failed deliveries within five minutes, and hears nothing until enabled", async () => {
  const { sandbox, direct, receiver, call, hook } = await startListening();
  receiver.status = () => 500;
  for (let failed = 1; failed <= 99; failed += 1) await sandbox.says(ana, direct.id, "lost");
  expect(sandbox.webhooks()).toMatchObject([{ status: "active" }]);
  await sandbox.says(ana, direct.id, "the last");
  expect(sandbox.webhooks()).toMatchObject([{ status: "inactive" }]);

  receiver.status = () => 200;
  await sandbox.says(ana, direct.id, "unheard");
  expect(receiver.received).toHaveLength(100);
  await call("PUT", `/webhooks/${hook.id}`, { name: "n", targetUrl: receiver.url, status: "active" });
  await sandbox.says(ana, direct.id, "heard");
  expect(receiver.received).toHaveLength(101);
});

test("a hook enabled within five minutes of the cut-off goes off with the first failure, later it does not", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
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
  } finally {
    vi.useRealTimers();
  }
});

test("failures older than five minutes do not count", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const { sandbox, direct, receiver } = await startListening();
    receiver.status = () => 500;
    for (let failed = 1; failed <= 99; failed += 1) await sandbox.says(ana, direct.id, "lost");
    vi.setSystemTime(Date.now() + 5 * 60_000);
    await sandbox.says(ana, direct.id, "lost later");
    expect(sandbox.webhooks()).toMatchObject([{ status: "active" }]);
  } finally {
    vi.useRealTimers();
  }
});
