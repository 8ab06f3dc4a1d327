import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { type Front, openFront } from "../../src/demo/front.ts";
import { prepareStage } from "../../src/demo/stage.ts";
import { startLoopback } from "../support/loopback.ts";

async function openTestFront(): Promise<Front> {
  const front = await openFront();
  onTestFinished(front.close);
  return front;
}

const portOf = (url: string) => Number(new URL(url).port);

test("no other program can take the address of a stage before its server starts or while it is down", async () => {
  const stage = await prepareStage();
  onTestFinished(stage.stop);
  const other = createServer();
  onTestFinished(() => void other.close());

  other.listen(portOf(stage.serverUrl), "127.0.0.1");

  const [error] = await Promise.race([once(other, "error"), once(other, "listening")]);
  expect(error).toMatchObject({ code: "EADDRINUSE" });
});

test("connections are cut while there is no server, and served as soon as there is one", async () => {
  const front = await openTestFront();
  await expect(fetch(front.url)).rejects.toThrow("fetch failed");

  const server = await startLoopback((_req, res) => void res.end("here"));
  front.leadTo(server.url);
  expect(await (await fetch(front.url)).text()).toBe("here");

  front.leadTo(null);
  await expect(fetch(front.url)).rejects.toThrow("fetch failed");
});

/** A server that answers each request with its name, on a connection of its own. */
async function startNamed(name: string): Promise<string> {
  return (await startLoopback((_req, res) => void res.setHeader("connection", "close").end(name))).url;
}

const answersOf = async (front: Front, count: number) => {
  const answers: string[] = [];
  for (let asked = 0; asked < count; asked += 1) answers.push(await (await fetch(front.url)).text());
  return answers;
};

test("several servers get the connections in turn", async () => {
  const front = await openTestFront();
  front.leadTo([await startNamed("a"), await startNamed("b"), await startNamed("c")]);

  const answers = await answersOf(front, 6);

  expect(answers.slice(0, 3).toSorted()).toEqual(["a", "b", "c"]);
  expect(answers.slice(3)).toEqual(answers.slice(0, 3));
});

test("a server that refuses a connection is skipped, and none is lost", async () => {
  const front = await openTestFront();
  front.leadTo([await startNamed("a"), "http://127.0.0.1:1", await startNamed("c")]);

  expect(new Set(await answersOf(front, 6))).toEqual(new Set(["a", "c"]));
});

test("bodies of any size arrive whole, both ways", async () => {
  const front = await openTestFront();
  const server = await startLoopback((req, res) => void req.pipe(res));
  front.leadTo(server.url);
  const body = "pizza ".repeat(500_000);

  const answer = await fetch(front.url, { method: "POST", body });

  expect((await answer.text()) === body).toBe(true);
});

test("a client that closes its side after the request still gets the answer", async () => {
  const front = await openTestFront();
  const server = await startLoopback(async (req, res) => void res.end((await text(req)).toUpperCase()));
  front.leadTo(server.url);
  const client = connect({ port: portOf(front.url), host: "127.0.0.1", allowHalfOpen: true });

  client.end("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\npizza");

  expect(await text(client)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*PIZZA$/);
});

test("a request ends without an answer when the server dies over it", async () => {
  const front = await openTestFront();
  const dying = createTcpServer((socket) => socket.once("data", () => socket.destroy()));
  dying.listen(0, "127.0.0.1");
  await once(dying, "listening");
  onTestFinished(() => void dying.close());
  const address = dying.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  front.leadTo(`http://127.0.0.1:${address.port}`);

  await expect(fetch(front.url)).rejects.toThrow("fetch failed");
});

test("a server that has vanished counts as none", async () => {
  const front = await openTestFront();
  front.leadTo("http://127.0.0.1:1");

  await expect(fetch(front.url)).rejects.toThrow("fetch failed");
});

test("closing it cuts open connections", async () => {
  const front = await openFront();
  const server = await startLoopback((_req, res) => void res.flushHeaders());
  front.leadTo(server.url);
  const answer = await fetch(front.url);

  await front.close();

  await expect(answer.text()).rejects.toThrow();
  await expect(fetch(front.url)).rejects.toThrow("fetch failed");
});
