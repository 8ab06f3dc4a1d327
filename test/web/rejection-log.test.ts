import request from "supertest";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Malformed, NotOperator, StoreError, Unauthentic } from "../../src/errors.ts";
import { createRejectionLog } from "../../src/web/rejection-log.ts";
import { stopClock } from "../support/clock.ts";
import { createLogSink } from "../support/log.ts";
import { startTestServer } from "../support/server.ts";
import { WEBEX_SETTINGS } from "../support/settings.ts";

const WRONG = new Unauthentic("The delivery is not signed with the secret.");

function createCounter() {
  stopClock();
  const sink = createLogSink();
  const rejections = createRejectionLog(sink.log);
  onTestFinished(rejections.stop);
  return {
    ...sink,
    rejections,
    refuse(ip: string | undefined, status = 401, error: unknown = WRONG, path = "/wtwebhook") {
      const remoteAddress = "192.0.2.1";
      rejections.note({ method: "POST", path, ip, socket: { remoteAddress } }, status, error);
    },
    lines: () =>
      sink
        .text()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
  };
}

test("the first refusal of an address is logged in full; further ones are counted, and logged once a minute", async () => {
  const { refuse, lines, messages } = createCounter();
  for (let n = 0; n < 1200; n += 1) refuse("203.0.113.7");
  for (let n = 0; n < 35; n += 1) refuse("203.0.113.7", 429);

  expect(lines()).toMatchObject([
    { level: 40, method: "POST", path: "/wtwebhook", status: 401, address: "203.0.113.7" },
    { level: 40, status: 429, address: "203.0.113.7" },
  ]);
  expect(messages()[0]).toBe("Refused: The delivery is not signed with the secret.");

  await vi.advanceTimersByTimeAsync(60_000);
  expect(lines().slice(2)).toMatchObject([{ level: 40, address: "203.0.113.7", refused: 1233 }]);
  expect(messages()[2]).toBe(
    "1,233 more requests from 203.0.113.7 were refused within a minute (401: 1,199, 429: 34).",
  );
});

test("the first request of a browser, which asks for the password only after it, is no warning; a wrong one is", () => {
  const { refuse, lines } = createCounter();
  refuse("203.0.113.7", 401, new NotOperator("This needs the password.", { wasGiven: false }), "/status");
  refuse("203.0.113.8", 401, new NotOperator("This needs the password.", { wasGiven: true }), "/status");
  expect(lines().map(({ level }) => level)).toEqual([20, 40]);
});

test("each minute starts anew, and one without refusals logs nothing", async () => {
  const { refuse, messages } = createCounter();
  refuse("203.0.113.7");
  await vi.advanceTimersByTimeAsync(600_000);
  expect(messages()).toHaveLength(1);
  refuse("203.0.113.7");
  refuse("203.0.113.7");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(messages().slice(1)).toEqual([
    "Refused: The delivery is not signed with the secret.",
    "1 more request from 203.0.113.7 was refused within a minute (401: 1).",
  ]);
});

test("the ten addresses with the most refusals are named; the others are counted together", async () => {
  const { refuse, messages } = createCounter();
  for (let host = 1; host <= 30; host += 1) {
    for (let n = 0; n < host; n += 1) refuse(`203.0.113.${host}`, 400, new Malformed("No."));
  }
  await vi.advanceTimersByTimeAsync(60_000);
  const summary = messages().filter((message) => !message.startsWith("Refused"));
  expect(summary).toHaveLength(11);
  expect(summary[0]).toBe("30 more requests from 203.0.113.30 were refused within a minute (400: 30).");
  expect(summary[9]).toContain("21 more requests from 203.0.113.21 ");
  // 1 to 20, of which the first three were logged in full.
  expect(summary[10]).toBe(
    "207 more requests from 19 other addresses were refused within a minute (400: 207).",
  );
});

test("any number of addresses takes limited memory and lines, and each refusal is counted once", async () => {
  const { refuse, lines, messages, text } = createCounter();
  for (let n = 0; n < 5000; n += 1) refuse(`10.0.${n >> 8}.${n & 255}`);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lines().length).toBeLessThan(20);
  expect(lines().at(-1).msg).toMatch(/^4,987 more requests from more than 987 other addresses were refused/);
  const inFull = messages().filter((line) => line.startsWith("Refused: ")).length;
  const counted = messages().map((line) => /^[\d,]+(?= more requests? )/.exec(line)?.[0].replaceAll(",", ""));
  expect(counted.reduce((sum, count) => sum + Number(count ?? 0), inFull)).toBe(5000);
  expect(text().length).toBeLessThan(5000);
});

test("a refusal with another status is still logged in full during a flood, a bug of the server with its stack", () => {
  const { refuse, messages, lines } = createCounter();
  for (let n = 0; n < 5000; n += 1) refuse(`10.0.${n >> 8}.${n & 255}`);
  refuse("203.0.113.7", 503, new StoreError("the disk is full"));
  refuse("203.0.113.7", 500, new Error("a mistake"));
  expect(messages().slice(-2)).toEqual([
    "Refused: the disk is full",
    "A request failed because of a bug in the server.",
  ]);
  const err = { stack: expect.any(String) };
  expect(lines().at(-1)).toMatchObject({ level: 50, status: 500, address: "203.0.113.7", err });
});

describe("the address", () => {
  test.each([
    ["of IPv6 is its /64, the least that one sender has", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["of IPv4 within IPv6 is that of IPv4", "::ffff:203.0.113.7", "203.0.113.7"],
    ["that a proxy made up is not logged: the proxy's is", "made up\u001b[2J", "192.0.2.1"],
    ["of a sender that is gone is that of the connection", undefined, "192.0.2.1"],
  ])("%s", (_what, ip, address) => {
    const { refuse, lines } = createCounter();
    refuse(ip);
    expect(lines()).toMatchObject([{ address }]);
  });
});

test("a long path and a long sentence are cut off", () => {
  const { refuse, text } = createCounter();
  refuse("203.0.113.7", 405, new Error("y".repeat(10_000)), `/${"x".repeat(10_000)}`);
  expect(text().length).toBeLessThan(1000);
});

test("the counts are logged when the server stops", () => {
  const { refuse, rejections, messages } = createCounter();
  refuse("203.0.113.7");
  refuse("203.0.113.7");
  rejections.stop();
  expect(messages().at(-1)).toBe("1 more request from 203.0.113.7 was refused within a minute (401: 1).");
});

test("the server's refusals are logged with the address from the trusted proxy, not one that the sender made up, and counted when it stops", async () => {
  const { url, sink, stop } = await startTestServer(WEBEX_SETTINGS);
  for (let n = 0; n < 30; n += 1) {
    const delivery = request(url).post("/wtwebhook").send({});
    await delivery.set("X-Forwarded-For", "198.51.100.1, 203.0.113.7").expect(401);
  }
  await stop();

  expect(sink.text()).toContain('"address":"203.0.113.7"');
  expect(sink.text()).not.toContain("198.51.100.1");
  const refusals = sink.messages().filter((line) => /refused/i.test(line));
  expect(refusals).toHaveLength(2);
  expect(refusals[1]).toBe("29 more requests from 203.0.113.7 were refused within a minute (401: 29).");
});
