import { expect, test, vi } from "vitest";
import { createFaults, type Fault } from "../../src/sandbox/faults.ts";
import { license, startChatio } from "./chatio-caller.ts";

const call = "send_event";

async function startInChat(fault: Fault) {
  const chatio = await startChatio();
  const { access_token: token } = await chatio.install();
  const bot = await chatio.createBot(token, "http://127.0.0.1:9/hook", []);
  const { chatId } = await chatio.sandbox.startChat(license, "hello");
  await chatio.join(token, bot, chatId);
  chatio.sandbox.faults.inject(fault);
  const send = () => chatio.send(token, bot, chatId, { text: "coming" });
  const isWritten = () => chatio.sandbox.transcript(chatId).some(({ text }) => text === "coming");
  return { ...chatio, send, isWritten, lastCall: () => chatio.sandbox.calls.at(-1) };
}

test.each([
  [{ kind: "status-500" }, 500],
  [{ kind: "status-503", retryAfter: "rand(30),add(30)" }, 503],
  [{ kind: "status-429", retryAfter: "3" }, 429],
  [{ kind: "status-423" }, 423],
  [{ kind: "gateway", status: 404, retryAfter: "3" }, 404],
] as const)("%o answers %d, with Retry-After as given, and does no work", async (fault, status) => {
  const { send, isWritten, lastCall } = await startInChat(fault);
  const answer = await send();
  expect(answer.status).toBe(status);
  expect(answer.headers.get("retry-after")).toBe("retryAfter" in fault ? fault.retryAfter : null);
  expect((await answer.text()).startsWith("<!doctype html>")).toBe(fault.kind === "gateway");
  expect(isWritten()).toBe(false);
  expect(lastCall()).toMatchObject({ name: "send_event", status });
});

test("a refusal is in the form of the platform, with the status and error type asked for", async () => {
  const { send, exchange, isWritten, sandbox } = await startInChat({
    kind: "refused",
    status: 402,
    type: "license_expired",
    endpoint: "send_event",
  });
  const response = await send();
  expect([response.status, await response.json()]).toMatchObject([
    402,
    { error: { type: "license_expired" } },
  ]);
  expect(isWritten()).toBe(false);
  sandbox.faults.inject({ kind: "refused", status: 400, type: "invalid_grant" });
  expect(await (await exchange("any")).json()).toEqual({ error: "invalid_grant" });
});

test("a refusal that takes its time is given when that is over, or at once when the fault is cleared", async () => {
  const { send, isWritten, sandbox, lastCall } = await startInChat({ kind: "status-503", delayMs: 30 });
  expect((await send()).status).toBe(503);

  sandbox.faults.clear();
  sandbox.faults.inject({ kind: "status-503", delayMs: 600_000 });
  const underWay = send();
  await vi.waitFor(() => expect(lastCall()).toMatchObject({ name: "send_event", status: null }));
  sandbox.faults.clear();
  expect((await underWay).status).toBe(503);
  expect(isWritten()).toBe(false);
});

test.each(["cut-body", "broken-gzip"] as const)(
  "%s does the work, answers 200, and spoils the body",
  async (kind) => {
    const { send, isWritten } = await startInChat({ kind });
    const response = await send();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(isWritten()).toBe(true);
  },
);

test.each([
  ["reset", false],
  ["lost-answer", true],
] as const)("%s cuts the connection; the work is done: %s", async (kind, isDone) => {
  const { send, isWritten, lastCall } = await startInChat({ kind });
  await expect(send()).rejects.toThrow();
  expect(isWritten()).toBe(isDone);
  expect(lastCall()).toMatchObject({ name: "send_event", status: null });
});

test.each([
  ["hang", false],
  ["no-answer", true],
] as const)("%s never answers and ends with stop; the work is done: %s", async (kind, isDone) => {
  const { send, isWritten, sandbox, lastCall } = await startInChat({ kind });
  const hanging = expect(send()).rejects.toThrow();
  await vi.waitFor(() => expect(lastCall()).toMatchObject({ name: "send_event", status: null }));
  await sandbox.stop();
  await hanging;
  expect(isWritten()).toBe(isDone);
});

test.each([
  { kind: "empty-body", body: /^$/ },
  { kind: "html-body", body: /^<!doctype html>/ },
  { kind: "other-shape", body: /^\{"unheard":/ },
  { kind: "huge-body", body: /^x{1000001,}$/ },
] as const)("$kind does the work and answers 200 with something else", async ({ kind, body }) => {
  const { send, isWritten } = await startInChat({ kind });
  const answer = await send();
  expect(answer.status).toBe(200);
  expect(await answer.text()).toMatch(body);
  expect(isWritten()).toBe(true);
});

test("a call that the platform refuses is refused, whatever the fault", async () => {
  const { sandbox, info } = await startChatio();
  sandbox.faults.inject({ kind: "other-shape" });
  expect((await info("wrong")).status).toBe(401);
});

test("faults hit the accounts server, too", async () => {
  const { sandbox, exchange } = await startChatio();
  sandbox.faults.inject({ kind: "status-503", endpoint: "exchange", times: 1 });
  const code = sandbox.issueCode();
  expect((await exchange(code)).status).toBe(503);
  expect((await exchange(code)).status).toBe(200);
});

test("a fault can be limited to a number of calls, to one endpoint, and to the calls with one token", () => {
  const faults = createFaults();
  faults.inject({ kind: "reset", times: 2, endpoint: "send_event", token: "one" });
  expect(faults.strike("join_chat", "one")).toBeUndefined();
  expect(faults.strike(call, "another")).toBeUndefined();
  expect(faults.strike(call)).toBeUndefined();
  for (let n = 0; n < 2; n += 1) expect(faults.strike(call, "one")).toMatchObject({ kind: "reset" });
  expect(faults.strike(call, "one")).toBeUndefined();
  expect(faults.injected()).toBe(2);
});

test("the first fault that applies hits; clear ends them all", () => {
  const faults = createFaults();
  faults.inject({ kind: "reset", times: 1 });
  faults.inject({ kind: "hang" });
  expect(faults.strike(call)?.kind).toBe("reset");
  expect(faults.strike(call)?.kind).toBe("hang");
  faults.clear();
  expect(faults.strike(call)).toBeUndefined();
});

test("a fault with a time ends by itself", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const faults = createFaults();
    faults.inject({ kind: "reset", forMs: 1000 });
    vi.setSystemTime(Date.now() + 999);
    expect(faults.strike(call)).toBeDefined();
    vi.setSystemTime(Date.now() + 1);
    expect(faults.strike(call)).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test("a rate hits that share of the calls: the same calls for the same random numbers", () => {
  const numbers = [0.1, 0.3, 0.29, 0.9];
  const faults = createFaults(() => numbers.shift() ?? 1);
  faults.inject({ kind: "reset", rate: 0.3 });
  expect([1, 2, 3, 4].map(() => faults.strike(call) !== undefined)).toEqual([true, false, true, false]);
});
