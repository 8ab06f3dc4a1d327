import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Platform } from "../../src/platforms/platform.ts";
import { createBodyRoom } from "../../src/web/delivery-body.ts";
import { aWebex, createTestApp } from "../support/app.ts";
import { beginDelivery, chunk, openSocket } from "../support/sockets.ts";

const MEGABYTE = 1_048_576;
const SMALL = 32_768;

/** The routes, with room for two large bodies of 1 MB. */
async function listen(open: Platform["open"] = async () => []) {
  const room = createBodyRoom(2 * MEGABYTE);
  const { app } = createTestApp({ webex: aWebex({ open }), bodyRoom: room });
  const http = createServer(app).listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(async () => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const holds = (bytes: number) => vi.waitFor(() => expect(room.bytes()).toBe(bytes));
  return { url, holds };
}

function jsonOf(bytes: number): string {
  return `"${"x".repeat(bytes - 2)}"`;
}

function post(url: string, body: string): Promise<Response> {
  return fetch(`${url}/wtwebhook`, { method: "POST", body, headers: { "content-type": "application/json" } });
}

test("when there is no room for another large body, the one that has been arriving longest is refused", async () => {
  const { url, holds } = await listen();
  const first = await openSocket(url, `${beginDelivery(MEGABYTE)}{`);
  await holds(MEGABYTE);
  const second = await openSocket(url, `${beginDelivery(MEGABYTE, "/webhook")}{`);
  await holds(2 * MEGABYTE);

  expect((await post(url, jsonOf(MEGABYTE))).status).toBe(200);

  await vi.waitFor(() => expect(first.answer()).toMatch(/^HTTP\/1\.1 503 /));
  expect(first.answer()).toContain("Retry-After: 5\r\n");
  expect(first.answer()).toContain(
    '{"error":"Too many large deliveries are being received. Send this one again later."}',
  );
  expect(second.isClosed()).toBe(false);
  await holds(MEGABYTE);

  // Its sender may go on, and is told so in time: what comes is not kept, and the connection is as good as before.
  first.socket.write("x".repeat(MEGABYTE - 1));
  first.socket.write(`${beginDelivery(2)}{}`);
  await vi.waitFor(() => expect(first.answer()).toContain("HTTP/1.1 200 OK"));
  await holds(MEGABYTE);
});

/** The requests that the server gets from now on. */
function requestsFromNow(): IncomingMessage[] {
  const requests: IncomingMessage[] = [];
  const add = (message: unknown) => requests.push((message as { request: IncomingMessage }).request);
  subscribe("http.server.request.start", add);
  onTestFinished(() => void unsubscribe("http.server.request.start", add));
  return requests;
}

test("nothing of a refused body stays in memory, neither what had arrived nor what still arrives", async () => {
  const { url, holds } = await listen();
  const requests = requestsFromNow();
  const first = await openSocket(url, `${beginDelivery(MEGABYTE)}{`);
  await holds(MEGABYTE);
  const readers = () => requests[0]?.listenerCount("data");
  expect(readers()).toBe(1);

  expect((await post(url, jsonOf(MEGABYTE))).status).toBe(200);
  expect((await post(url, jsonOf(MEGABYTE))).status).toBe(200);
  const second = await openSocket(url, `${beginDelivery(MEGABYTE)}{`);
  await holds(2 * MEGABYTE);
  const third = await openSocket(url, `${beginDelivery(MEGABYTE)}{`);

  await vi.waitFor(() => expect(first.answer()).toMatch(/^HTTP\/1\.1 503 /));
  expect(readers()).toBe(0);
  expect([second.isClosed(), third.isClosed()]).toEqual([false, false]);
});

test("complete bodies keep their room until they are answered: one more large body is refused", async () => {
  const gate = Promise.withResolvers<void>();
  let opened = 0;
  const { url, holds } = await listen(async () => {
    opened += 1;
    await gate.promise;
    return [];
  });
  const inHand: Promise<Response>[] = [];
  for (let n = 1; n <= 2; n += 1) {
    inHand.push(post(url, jsonOf(MEGABYTE)));
    await vi.waitFor(() => expect(opened).toBe(n));
  }

  const refused = await post(url, jsonOf(MEGABYTE));

  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("5");
  gate.resolve();
  expect((await Promise.all(inHand)).map(({ status }) => status)).toEqual([200, 200]);
  await holds(0);
});

test("a small delivery is accepted whatever the large ones do", async () => {
  const { url, holds } = await listen();
  const large = [];
  for (let n = 1; n <= 2; n += 1) {
    large.push(await openSocket(url, `${beginDelivery(MEGABYTE)}{`));
    await holds(n * MEGABYTE);
  }

  expect((await post(url, jsonOf(SMALL))).status).toBe(200);
  const chunked = await openSocket(url, `${beginDelivery(null)}${chunk(jsonOf(SMALL))}0\r\n\r\n`);
  await vi.waitFor(() => expect(chunked.answer()).toMatch(/^HTTP\/1\.1 200 /));

  await holds(2 * MEGABYTE);
  expect(large.map(({ isClosed }) => isClosed())).toEqual([false, false]);
});

test("a body without Content-Length counts as large once it is", async () => {
  const { url, holds } = await listen();
  const { socket, answer } = await openSocket(url, beginDelivery(null) + chunk(`"${"x".repeat(SMALL - 1)}`));
  const another = await openSocket(url, `${beginDelivery(MEGABYTE)}{`);
  await holds(MEGABYTE);
  socket.write(chunk('"'));
  await holds(2 * MEGABYTE);
  socket.write("0\r\n\r\n");
  await vi.waitFor(() => expect(answer()).toMatch(/^HTTP\/1\.1 200 /));
  await holds(MEGABYTE);
  another.socket.destroy();
  await holds(0);
});

test.each([
  ["breaks off", beginDelivery(MEGABYTE), "destroy"],
  [
    "breaks off without having said how long it would be",
    beginDelivery(null) + chunk(jsonOf(SMALL + 1)),
    "destroy",
  ],
  ["ends too early", beginDelivery(MEGABYTE), "end"],
  ["is not valid HTTP", beginDelivery(null) + chunk(jsonOf(SMALL + 1)), "zz\r\n"],
  [
    "turns out to be too large",
    beginDelivery(null) + chunk(jsonOf(SMALL + 1)),
    `${chunk(jsonOf(MEGABYTE))}0\r\n\r\n`,
  ],
  ["ends well", beginDelivery(MEGABYTE), jsonOf(MEGABYTE)],
])("nothing stays in memory of a body that %s", async (_what, beginning, end) => {
  const { url, holds } = await listen();
  const { socket } = await openSocket(url, beginning);
  await holds(MEGABYTE);
  if (end === "destroy") socket.destroy();
  else if (end === "end") socket.end();
  else socket.write(end);
  await holds(0);
});

test("bodies that cannot become a delivery are not buffered", async () => {
  const { url, holds } = await listen();
  const text = beginDelivery(MEGABYTE).replace("application/json", "text/plain");
  for (const beginning of [text, beginDelivery(MEGABYTE + 1), beginDelivery(MEGABYTE, "/nowhere")])
    await openSocket(url, beginning);
  const last = await openSocket(url, `${beginDelivery(2)}{}`);
  await vi.waitFor(() => expect(last.answer()).toMatch(/^HTTP\/1\.1 200 /));
  await holds(0);
});
