import request from "supertest";
import { expect, test } from "vitest";
import { startTestServer } from "../support/server.ts";
import { CHATIO_SETTINGS } from "../support/settings.ts";

async function readiness(url: string, status: number): Promise<unknown> {
  return (await request(url).get("/readyz").expect(status)).body;
}

test("with nothing set up the server starts, shows what to set, and is not ready", async () => {
  const { url, sink } = await startTestServer({ CHATIO_CLIENT_IDS: "id-invented" });

  const { text } = await request(url).get("/").expect(200);

  for (const shown of [
    "LIVECHAT_WEBHOOK_SECRET",
    "CHATIO_CLIENT_ID",
    "CHATIO_CLIENT_SECRET",
    "WT_API_TOKEN",
    "npm run demo",
  ]) {
    expect(text).toContain(shown);
  }
  expect(await readiness(url, 503)).toEqual({
    status: "not ready",
    LiveChat: "not set up",
    "chat.io": "not set up",
    Webex: "not set up",
  });
  expect((await request(url).get("/healthz").expect(200)).body).toMatchObject({ status: "ok" });
  expect(sink.text()).toContain("npm run demo");
  expect(sink.messages()).toContain(
    "CHATIO_CLIENT_IDS is not a setting of this server. Did you mean CHATIO_CLIENT_ID?",
  );
});

test("with chat.io alone the server is ready, and the start page shows the link and what is missing", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);

  const { text } = await request(url).get("/").expect(200);

  expect(text).toMatch(/href="https?:[^"]*\/install"/);
  expect(text).toContain("WT_API_TOKEN");
  expect(text).not.toContain("CHATIO_CLIENT_ID");
  expect(await readiness(url, 200)).toEqual({
    status: "ready",
    LiveChat: "not set up",
    "chat.io": "ok",
    Webex: "not set up",
  });
});

test.each([
  ["eleven-char", true],
  ["twelve-chars", false],
])(
  "a start with the operator password %j warns of a short one: %j; the value is not shown",
  async (password, isShort) => {
    const { sink } = await startTestServer({ ADMIN_PASSWORD: password });
    const warning = "ADMIN_PASSWORD is short. Use a long random one: openssl rand -base64 24";
    expect(sink.messages().includes(warning)).toBe(isShort);
    expect(sink.text()).not.toContain(password);
  },
);

test("the start page names the port on which the server really listens", async () => {
  const { url } = await startTestServer({ PORT: "0" });
  const { text } = await request(url).get("/").expect(200);
  expect(text).toContain(`<code>ngrok http ${new URL(url).port}</code>`);
  expect(text).not.toContain("ngrok http 5000");
});

test.each([
  [
    "between stand-ins on this machine",
    { CHATIO_API_URL: "http://127.0.0.1:9", CHATIO_ACCOUNTS_URL: "http://localhost:9" },
    false,
  ],
  ["with a stand-in for a part only", { CHATIO_API_URL: "http://127.0.0.1:9" }, true],
  ["for the real chat.io", {}, true],
])("%s the start page asks for a public address: %j", async (_where, addresses, isAsked) => {
  const { url } = await startTestServer({ ...CHATIO_SETTINGS, ...addresses });
  const { text } = await request(url).get("/").expect(200);
  expect(text.includes("A public address")).toBe(isAsked);
  expect(text).toContain("A password for the operator’s pages");
});
