import request from "supertest";
import { expect, test } from "vitest";
import { forbidNetwork } from "../../support/network.ts";
import { startTestServer } from "../../support/server.ts";
import { CHATIO_SETTINGS, WEBEX_SETTINGS } from "../../support/settings.ts";

forbidNetwork();

async function readiness(url: string, status: number): Promise<unknown> {
  return (await request(url).get("/readyz").expect(status)).body;
}

test("with nothing set up the server starts, shows what to set, and is not ready", async () => {
  const { url, sink } = await startTestServer();

  const { text } = await request(url).get("/").expect(200);

  for (const shown of ["CHATIO_CLIENT_ID", "CHATIO_CLIENT_SECRET", "WT_API_TOKEN", "npm run demo"]) {
    expect(text).toContain(shown);
  }
  expect(await readiness(url, 503)).toEqual({
    status: "not ready",
    "chat.io": "not set up",
    Webex: "not set up",
  });
  expect((await request(url).get("/healthz").expect(200)).body).toMatchObject({ status: "ok" });
  expect(sink.text()).toContain("npm run demo");
});

test("with only chat.io set up, the server is ready, and the start page shows the link and what is missing", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);

  const { text } = await request(url).get("/").expect(200);

  expect(text).toMatch(/href="https?:[^"]*\/install"/);
  expect(text).toContain("WT_API_TOKEN");
  expect(text).not.toContain("CHATIO_CLIENT_ID");
  expect(await readiness(url, 200)).toEqual({
    status: "ready",
    "chat.io": "ok",
    Webex: "not set up",
  });
});

test("with both set up, the server is ready and nothing is missing", async () => {
  const { url } = await startTestServer({ ...CHATIO_SETTINGS, ...WEBEX_SETTINGS });

  expect((await request(url).get("/").expect(200)).text).not.toContain("Not set up");
  expect(await readiness(url, 200)).toEqual({
    status: "ready",
    "chat.io": "ok",
    Webex: "ok",
  });
});

test.each(["GET", "POST", "DELETE"])("%s of what does not exist is 404 in JSON", async (method) => {
  const { url } = await startTestServer();

  const response = await fetch(`${url}/nothing`, { method });

  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ error: "There is nothing here." });
});

test("without ADMIN_PASSWORD there are no metrics", async () => {
  const { url } = await startTestServer();

  await request(url).get("/metrics").expect(404);
});

test("with ADMIN_PASSWORD, the metrics need it, with any user name", async () => {
  const { url } = await startTestServer({ ADMIN_PASSWORD: "operator-password-invented" });

  await request(url)
    .get("/metrics")
    .expect(401)
    .expect("WWW-Authenticate", /^Basic realm=/);
  const { text } = await request(url)
    .get("/metrics")
    .auth("anybody", "operator-password-invented")
    .expect(200);

  expect(text).toContain("chatops_jobs");
});
