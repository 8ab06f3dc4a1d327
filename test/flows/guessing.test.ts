import { expect, test, vi } from "vitest";
import { PASSWORD } from "../support/operator.ts";
import { startTestServer } from "../support/server.ts";
import { openSocket } from "../support/sockets.ts";

const PAUSE_MS = 1000;

function basic(password: string): string {
  return `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
}

/** Asks for the metrics with this password; tells the status, and after how many ms it came. */
async function ask(url: string, password: string, from = "203.0.113.1") {
  const askedAt = performance.now();
  const { status } = await fetch(`${url}/metrics`, {
    headers: { authorization: basic(password), "x-forwarded-for": from },
  });
  return { status, ms: performance.now() - askedAt };
}

async function guess(url: string, times: number) {
  return Promise.all(Array.from({ length: times }, (_, n) => ask(url, `guess-${n}`)));
}

test("wrong passwords wait a second, and more than 30 a minute are told to wait a minute, after a second", async () => {
  const { url } = await startTestServer({ ADMIN_PASSWORD: PASSWORD });

  const answers = await guess(url, 50);

  expect(answers.filter(({ status }) => status === 401)).toHaveLength(30);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  // Timers of Node.js may be a millisecond early.
  for (const { ms } of answers) expect(ms).toBeGreaterThanOrEqual(PAUSE_MS - 2);
});

test("the right password gets in while others guess from the same address: at once, or after as long as a wrong one waits", async () => {
  const { url } = await startTestServer({ ADMIN_PASSWORD: PASSWORD });
  await guess(url, 20);
  expect(await ask(url, PASSWORD)).toMatchObject({ status: 200 });

  await guess(url, 20);
  const { status, ms } = await ask(url, PASSWORD);

  // Had it been let in at once, whoever guesses would not have to wait to learn that a guess was wrong.
  expect({ status, isLate: ms >= PAUSE_MS - 2 }).toEqual({ status: 200, isLate: true });
  const elsewhere = await ask(url, PASSWORD, "203.0.113.2");
  expect({ status: elsewhere.status, isLate: elsewhere.ms >= PAUSE_MS - 2 }).toEqual({
    status: 200,
    isLate: false,
  });
});

test("one connection tries one password at a time", async () => {
  const { url } = await startTestServer({ ADMIN_PASSWORD: PASSWORD });
  const trying = (password: string) =>
    `GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: ${basic(password)}\r\n\r\n`;

  const { answer } = await openSocket(url, [trying("one"), trying("two"), trying(PASSWORD)].join(""));

  const statuses = () => [...answer().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  await vi.waitFor(() => expect(statuses()).toEqual(["401", "429", "429"]), 3000);
});
