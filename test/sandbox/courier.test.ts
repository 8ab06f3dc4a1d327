import { expect, test, vi } from "vitest";
import { license, startChatio } from "./chatio-caller.ts";
import { startReceiver } from "./receiver.ts";

async function startWithBot() {
  const { sandbox, install, createBot } = await startChatio();
  const receiver = await startReceiver();
  await createBot((await install()).access_token, receiver.url);
  return { sandbox, receiver };
}

test("a delivery that fails is lost unless more attempts are set", async () => {
  const { sandbox, receiver } = await startWithBot();
  receiver.status = () => 500;
  await sandbox.startChat(license, "hello");
  expect(receiver.received).toHaveLength(1);
});

test("a delivery is tried again until it is answered 2xx", async () => {
  const { sandbox, receiver } = await startWithBot();
  Object.assign(sandbox.delivery, { attempts: 5, retryAfterMs: 1 });
  receiver.status = (nth) => (nth < 3 ? 500 : 204);

  await sandbox.startChat(license, "hello");

  expect(sandbox.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, 500],
    [2, 500],
    [3, 204],
  ]);
  expect(new Set(sandbox.deliveries.map(({ id }) => id)).size).toBe(1);
});

test("a delivery that nobody takes has no status", async () => {
  const { sandbox, install, createBot } = await startChatio();
  await createBot((await install()).access_token, "http://127.0.0.1:9/hook");
  await sandbox.startChat(license, "hello");
  expect(sandbox.deliveries).toMatchObject([{ status: null }]);
});

test.each([true, false])("deliveries keep their connection: %s", async (keepsConnections) => {
  const { sandbox, receiver } = await startWithBot();
  Object.assign(sandbox.delivery, { keepsConnections });
  await sandbox.startChat(license, "hello");
  expect(receiver.received[0]?.headers.connection).toBe(keepsConnections ? "keep-alive" : "close");
});

test("copies of a delivery are the same bytes", async () => {
  const { sandbox, receiver } = await startWithBot();
  sandbox.delivery.copies = 3;
  await sandbox.startChat(license, "hello");
  expect(receiver.received).toHaveLength(3);
  expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
});

test("deliveries to one bot keep their order, even if one is tried again", async () => {
  const { sandbox, receiver } = await startWithBot();
  Object.assign(sandbox.delivery, { attempts: 2, retryAfterMs: 5 });
  receiver.status = (nth) => (nth === 1 ? 500 : 200);

  await Promise.all(["a", "b", "c"].map((text) => sandbox.startChat(license, text)));

  const texts = receiver.received.map(({ text }) => JSON.parse(text).data.chat.thread.events[0].text);
  expect(texts).toEqual(["a", "a", "b", "c"]);
});

test("with order by chat, one chat does not wait for another", async () => {
  const { sandbox, receiver } = await startWithBot();
  sandbox.delivery.order = "chat";
  receiver.status = (nth) => (nth === 1 ? null : 200);

  void sandbox.startChat(license, "never answered");
  await sandbox.startChat(license, "answered");

  expect(sandbox.deliveries).toMatchObject([{ status: 200 }]);
});

test("a bot that was removed gets no further attempts", async () => {
  const { sandbox, receiver } = await startWithBot();
  Object.assign(sandbox.delivery, { attempts: 5, retryAfterMs: 1 });
  receiver.status = () => {
    for (const { id } of sandbox.botAgents(license)) sandbox.removeBotAgent(license, id);
    return 500;
  };
  await sandbox.startChat(license, "hello");
  expect(receiver.received).toHaveLength(1);
});

test("stop aborts deliveries and waits for no retry", async () => {
  const { sandbox, receiver } = await startWithBot();
  Object.assign(sandbox.delivery, { attempts: 100, retryAfterMs: 60_000 });
  receiver.status = (nth) => (nth === 1 ? 500 : null);
  const started = sandbox.startChat(license, "hello");
  await vi.waitFor(() => expect(sandbox.deliveries).toHaveLength(1));

  await sandbox.stop();

  await started;
  await sandbox.settled();
  expect(receiver.received).toHaveLength(1);
});
