import request from "supertest";
import { expect, test } from "vitest";
import { forbidNetwork } from "../../support/network.ts";
import { startTestServer } from "../../support/server.ts";
import { CHATIO_SETTINGS, WEBEX_SETTINGS } from "../../support/settings.ts";

forbidNetwork();

const COOKIE = /^install_state=([\w-]{22,}); Max-Age=600; Path=\/; Expires=[^;]+; HttpOnly/;

test("/install sends the browser to the consent page, with a state and a cookie", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);

  const { headers } = await request(url).get("/install").expect(302);

  const { origin, pathname, searchParams } = new URL(headers.location ?? "");
  const [cookie] = [headers["set-cookie"] ?? []].flat();
  expect(origin + pathname).toBe("https://accounts.chat.io/");
  expect(Object.fromEntries(searchParams)).toEqual({
    response_type: "code",
    client_id: "client-id-invented",
    redirect_uri: "https://bots.example/token",
    state: COOKIE.exec(cookie ?? "")?.[1],
  });
});

test("the redirect to the consent page is not cached", async () => {
  const { url } = await startTestServer(CHATIO_SETTINGS);

  const [one, another] = [await request(url).get("/install"), await request(url).get("/install")];

  expect(one.headers["cache-control"]).toBe("no-store");
  expect(one.headers.location).not.toBe(another.headers.location);
});

test.each([
  ["https://bots.example", "HttpOnly; Secure; SameSite=Lax"],
  ["http://localhost:5000", "HttpOnly; SameSite=Lax"],
])("if browsers come by %s, the cookie is %s", async (PUBLIC_URL, attributes) => {
  const { url } = await startTestServer({ ...CHATIO_SETTINGS, PUBLIC_URL });

  const { headers } = await request(url).get("/install").expect(302);

  expect([headers["set-cookie"] ?? []].flat()).toEqual([expect.stringMatching(`${attributes}$`)]);
});

test("the browser sends the cookie even if the redirect URI has a longer path", async () => {
  const { url } = await startTestServer({ ...CHATIO_SETTINGS, PUBLIC_URL: "https://host.example/bots" });

  const { headers } = await request(url).get("/install").expect(302);

  const [, path = ""] = /Path=([^;]+)/.exec(String(headers["set-cookie"])) ?? [];
  const { pathname } = new URL(new URL(headers.location ?? "").searchParams.get("redirect_uri") ?? "");
  expect(pathname).toBe("/bots/token");
  expect([pathname, "/bots", "/bots/", "/"]).toContain(path);
});

test("redirect URI and accounts page come from the settings", async () => {
  const { url } = await startTestServer({
    ...CHATIO_SETTINGS,
    CHATIO_REDIRECT_URI: "https://elsewhere.example/token",
    CHATIO_ACCOUNTS_URL: "https://accounts.elsewhere.example/",
  });

  const { headers } = await request(url).get("/install").expect(302);

  expect(headers.location).toMatch(/^https:\/\/accounts\.elsewhere\.example\/\?response_type=code&/);
  expect(new URL(headers.location ?? "").searchParams.get("redirect_uri")).toBe(
    "https://elsewhere.example/token",
  );
});

test("the redirect to the consent page contains no secret", async () => {
  const { url, sink } = await startTestServer(CHATIO_SETTINGS);

  const { headers } = await request(url).get("/install").expect(302);

  expect(JSON.stringify(headers)).not.toContain("client-secret-invented");
  expect(sink.text()).not.toContain(new URL(headers.location ?? "").searchParams.get("state"));
});

test("if chat.io is not set up, /install is 503 on a page, and no cookie is set", async () => {
  const { url } = await startTestServer(WEBEX_SETTINGS);

  const { headers, text } = await request(url).get("/install").expect(503);

  expect(text).toContain("CHATIO_CLIENT_ID and CHATIO_CLIENT_SECRET are missing.");
  expect(headers).not.toHaveProperty("set-cookie");
});
