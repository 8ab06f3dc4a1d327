import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Overrides } from "../../src/server.ts";
import { deliverMessage, SIGNING_SECRET } from "../support/deliveries.ts";
import { PASSWORD } from "../support/operator.ts";
import { addressOf, startProcess } from "../support/process.ts";
import { startTestServer } from "../support/server.ts";
import { UNREACHABLE_WEBEX } from "../support/settings.ts";
import { beginDelivery, openSocket, type TestSocket } from "../support/sockets.ts";

const MEGABYTE = 1_048_576;
const WEBEX = { ...UNREACHABLE_WEBEX, WT_WEBHOOK_SECRET: SIGNING_SECRET };

async function startWith(limits: NonNullable<Overrides["limits"]>): Promise<string> {
  return (await startTestServer({ ...WEBEX, ADMIN_PASSWORD: PASSWORD }, { limits })).url;
}

/** The server's ends of the connections that are opened from now on. */
function acceptedSockets(): Socket[] {
  const accepted: Socket[] = [];
  const add = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    accepted.push(socket);
  };
  subscribe("net.server.socket", add);
  onTestFinished(() => void unsubscribe("net.server.socket", add));
  return accepted;
}

/** On a connection of its own. */
async function deliverAnew(url: string): Promise<number | string> {
  const answer = await deliverMessage(url, { headers: { connection: "close" } }).catch(() => null);
  return answer?.status ?? "cut off";
}

/** Asks for the metrics with a password, on a connection of its own. */
function openWithPassword(url: string, password: string): Promise<TestSocket> {
  const credentials = Buffer.from(`me:${password}`).toString("base64");
  return openSocket(url, `GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${credentials}\r\n\r\n`);
}

test.each([
  ["says nothing", ""],
  ["says nothing after a request", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["says half a request after a request", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /hea"],
])("a connection that %s is closed", async (_what, bytes) => {
  const url = await startWith({
    headersTimeout: 200,
    keepAliveTimeout: 200,
    connectionsCheckingInterval: 50,
  });
  const { closed } = await openSocket(url, bytes);
  await closed;
});

test("a server waits for its clients as long as docs/operate.md says", async () => {
  const servers: Server[] = [];
  const add = (message: unknown) => servers.push((message as { server: Server }).server);
  subscribe("tracing:net.server.listen:asyncEnd", add);
  onTestFinished(() => void unsubscribe("tracing:net.server.listen:asyncEnd", add));
  await startTestServer(WEBEX);
  expect(servers).toMatchObject([{ headersTimeout: 10_000, requestTimeout: 30_000, timeout: 120_000 }]);
});

test("who does not take the answers is cut off", async () => {
  const url = await startWith({ idleTimeout: 300 });
  const accepted = acceptedSockets();
  const { socket } = await openSocket(url);
  socket.pause();
  // More answers than fit between the two of us.
  socket.write("GET /assets/style.css HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3000));
  await vi.waitFor(() => expect(accepted.map(({ destroyed }) => destroyed)).toEqual([true]), 5000);
});

test("when too many connections are open, the one that has been silent longest gives way to a genuine delivery", async () => {
  const url = await startWith({ connections: 10 });
  const silent: TestSocket[] = [];
  for (let n = 0; n < 10; n += 1) silent.push(await openSocket(url));
  silent[0]?.socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  await vi.waitFor(() => expect(silent[0]?.answer()).toContain("200 OK"));
  expect((await deliverMessage(url)).status).toBe(200);
  await silent[1]?.closed;
  expect(silent.map(({ isClosed }) => isClosed())).toEqual([false, true, ...Array(8).fill(false)]);
});

test("half-sent bodies give way, too; a request that waits for its answer does not", async () => {
  const url = await startWith({ connections: 10 });
  for (let n = 0; n < 30; n += 1) await openWithPassword(url, "wrong");
  // After so many wrong ones the right password waits a second, too.
  const waiting = await openWithPassword(url, PASSWORD);
  const halves = [];
  for (let n = 0; n < 30; n += 1) halves.push(await openSocket(url, `${beginDelivery(1000)}{`));
  expect((await deliverMessage(url)).status).toBe(200);
  await halves[0]?.closed;
  await vi.waitFor(() => expect(waiting.answer()).toMatch(/^HTTP\/1\.1 200 /), 3000);
});

test("more wrong passwords than there may be connections keep no genuine delivery out, and the connections are no more", async () => {
  const url = await startWith({ connections: 10 });
  const accepted = acceptedSockets();
  for (let wave = 0; wave < 6; wave += 1) {
    const guesses = Array.from({ length: 5 }, (_, n) => openWithPassword(url, `guess-${n}`));
    const genuine = Array.from({ length: 4 }, () => deliverAnew(url));
    await Promise.all(guesses);
    expect(await Promise.all(genuine)).toEqual([200, 200, 200, 200]);
  }
  expect(accepted.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(10);
});

test("wrong passwords give way before a delivery that is still being sent", async () => {
  const url = await startWith({ connections: 10 });
  const half = await openSocket(url, `${beginDelivery(1000)}{`);
  for (let n = 0; n < 30; n += 1) await openWithPassword(url, `guess-${n}`);
  expect((await deliverMessage(url)).status).toBe(200);
  expect(half.isClosed()).toBe(false);
});

test("the right password gets in among more wrong ones than there may be connections", async () => {
  const url = await startWith({ connections: 10 });
  for (let n = 0; n < 40; n += 1) await openWithPassword(url, `guess-${n}`);
  const right = await openWithPassword(url, PASSWORD);
  for (let n = 0; n < 40; n += 1) await openWithPassword(url, `guess-${n}`);
  await vi.waitFor(() => expect(right.answer()).toMatch(/^HTTP\/1\.1 200 /), 3000);
});

test("while more requests are being answered than there may be connections, new ones are read all the same", async () => {
  const url = await startWith({ connections: 10 });
  const accepted = acceptedSockets();
  for (let n = 0; n < 30; n += 1) await openWithPassword(url, "wrong");
  const inHand: TestSocket[] = [];
  for (let n = 0; n < 12; n += 1) inHand.push(await openWithPassword(url, PASSWORD));
  expect(await Promise.all(Array.from({ length: 5 }, () => deliverAnew(url)))).toEqual(Array(5).fill(200));
  // Those that send nothing still give way.
  for (let n = 0; n < 20; n += 1) await openSocket(url);
  await vi.waitFor(() =>
    expect(accepted.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(12 + 5),
  );
  await vi.waitFor(() => {
    for (const { answer } of inHand) expect(answer()).toMatch(/^HTTP\/1\.1 200 /);
  }, 3000);
});

test.runIf(process.platform === "linux")(
  "600 half-sent bodies of 1 MB: memory stays bounded, and genuine deliveries are answered 200",
  async () => {
    const server = startProcess({ environment: WEBEX });
    const url = await addressOf(server);
    expect((await deliverMessage(url)).status).toBe(200);
    const before = memoryOf(server.child.pid);
    const half = Buffer.from(beginDelivery(MEGABYTE) + "x".repeat(MEGABYTE - 1));

    const sockets: TestSocket[] = [];
    for (let n = 0; n < 600; n += 1) {
      sockets.push(await openSocket(url, half));
      if (n % 100 === 50) {
        expect((await deliverMessage(url)).status).toBe(200);
        expect((await deliverMessage(url, { padding: MEGABYTE / 2 })).status).toBe(200);
      }
    }
    const refused = () => sockets.filter(({ answer }) => answer().startsWith("HTTP/1.1 503 "));
    await vi.waitFor(() => expect(refused().length).toBeGreaterThan(550), 10_000);

    expect(memoryOf(server.child.pid) - before).toBeLessThan(200 * MEGABYTE);
    expect((await deliverMessage(url, { padding: MEGABYTE / 2 })).status).toBe(200);
  },
  60_000,
);

/** Bytes in memory of the process, at most so far. */
function memoryOf(pid: number | undefined): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
