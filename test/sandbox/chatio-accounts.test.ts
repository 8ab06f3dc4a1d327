import { expect, test, vi } from "vitest";
import { oauthErrorOf, readTokens } from "./answers.ts";
import { license, redirectUri, startChatio } from "./chatio-caller.ts";

test("the consent page sends the signed-in license back with a code, percent-encoded, and the state", async () => {
  const { sandbox, consent, exchange, info } = await startChatio();
  sandbox.addLicense(1521, "bea@pizza.example");
  sandbox.signIn(1521);

  const response = await consent({ state: "a/b" });

  expect(response.status).toBe(302);
  const location = response.headers.get("location") ?? "";
  expect(location).toMatch(/^http:\/\/localhost:5000\/token\?code=[\w%-]*%2F[\w%-]*&state=a%2Fb$/);
  const { access_token } = await readTokens(await exchange(new URL(location).searchParams.get("code") ?? ""));
  expect(await (await info(access_token)).json()).toMatchObject({
    license_id: 1521,
    entity_id: "bea@pizza.example",
    client_id: "client",
    token_type: "Bearer",
    scope: expect.stringContaining("agents-bot--my:write"),
  });
});

test.each([
  { response_type: "token" },
  { client_id: "other" },
  { redirect_uri: "http://localhost:5000/other" },
  { redirect_uri: "http://localhost:5001/token" },
  { redirect_uri: "https://localhost:5000/token" },
  { redirect_uri: `${redirectUri}?a=b` },
  { redirect_uri: `${redirectUri}#a` },
  { redirect_uri: "token" },
])("the consent page refuses %o without a redirect", async (wrong) => {
  const { consent } = await startChatio();
  const response = await consent(wrong);
  expect(response.status).toBe(400);
  expect(response.headers.get("location")).toBeNull();
});

test("the consent page redirects one license at most three times in 30 seconds", async () => {
  const { consent } = await startChatio();
  const statuses = [];
  for (let visit = 1; visit <= 4; visit += 1) statuses.push((await consent()).status);
  expect(statuses).toEqual([302, 302, 302, 429]);
});

test("a code is exchanged once, and only with the redirect URI it was issued for", async () => {
  const { sandbox, exchange } = await startChatio({ tokenLifetimeS: 60 });
  const code = sandbox.issueCode();
  const refused = { status: 400, error: "invalid_grant" };

  const first = await exchange(code);

  expect(first.status).toBe(200);
  expect(await first.json()).toEqual({
    access_token: expect.any(String),
    refresh_token: expect.any(String),
    expires_in: 60,
    token_type: "Bearer",
  });
  expect(await oauthErrorOf(await exchange(code))).toEqual(refused);
  const elsewhere = await exchange(sandbox.issueCode(), { redirect_uri: `${redirectUri}/` });
  expect(await oauthErrorOf(elsewhere)).toEqual(refused);
});

test("token requests with wrong credentials, grant or fields are refused", async () => {
  const { sandbox, exchange, refresh } = await startChatio();
  const code = sandbox.issueCode();

  const wrongSecret = await exchange(code, { client_secret: "other" });
  expect(await oauthErrorOf(wrongSecret)).toEqual({ status: 401, error: "invalid_client" });
  const wrongId = await refresh("any", { client_id: "other" });
  expect(await oauthErrorOf(wrongId)).toEqual({ status: 401, error: "invalid_client" });
  const wrongGrant = await exchange(code, { grant_type: "password" });
  expect(await oauthErrorOf(wrongGrant)).toEqual({ status: 400, error: "unsupported_grant_type" });
  const asJson = await fetch(`${sandbox.accountsUrl}/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ grant_type: "refresh_token" }),
  });
  expect(await oauthErrorOf(asJson)).toEqual({ status: 400, error: "invalid_request" });
});

test("a refresh token works once and is replaced by a new one", async () => {
  const { install, refresh, info } = await startChatio();
  const first = await install();

  const second = await readTokens(await refresh(first.refresh_token));

  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(await oauthErrorOf(await refresh(first.refresh_token))).toEqual({
    status: 400,
    error: "invalid_grant",
  });
  expect((await refresh(second.refresh_token)).status).toBe(200);
  expect((await info(first.access_token)).status).toBe(200);
});

test("revoking an access token also revokes its refresh token, and works once", async () => {
  const { install, refresh, revoke, info } = await startChatio();
  const { access_token, refresh_token } = await install();

  expect((await revoke(access_token)).status).toBe(200);

  expect(await oauthErrorOf(await info(access_token))).toEqual({ status: 401, error: "invalid_token" });
  expect(await oauthErrorOf(await refresh(refresh_token))).toEqual({ status: 400, error: "invalid_grant" });
  expect((await revoke(access_token)).status).toBe(400);
});

test("the 26th refresh token of a user silently revokes the oldest", async () => {
  const { install, refresh } = await startChatio();
  const first = await install();
  const second = await install();
  for (let more = 3; more <= 26; more += 1) await install();

  expect((await refresh(first.refresh_token)).status).toBe(400);
  expect((await refresh(second.refresh_token)).status).toBe(200);
});

test("expired access tokens can be refreshed, revoked installations cannot", async () => {
  const { sandbox, install, refresh, info } = await startChatio();
  sandbox.addLicense(1521);
  const one = await install(license);
  const other = await install(1521);

  sandbox.expireAccessTokens(license);
  expect((await info(one.access_token)).status).toBe(401);
  expect((await info(other.access_token)).status).toBe(200);
  expect((await refresh(one.refresh_token)).status).toBe(200);

  sandbox.revokeAll();
  expect((await refresh(other.refresh_token)).status).toBe(400);
  expect((await info(other.access_token)).status).toBe(401);
});

test("an access token expires, and the info counts its seconds down", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const { install, info } = await startChatio({ tokenLifetimeS: 100 });
    const { access_token } = await install();
    vi.setSystemTime(Date.now() + 40_000);
    expect(await (await info(access_token)).json()).toMatchObject({ expires_in: 60 });
    vi.setSystemTime(Date.now() + 60_000);
    expect((await info(access_token)).status).toBe(401);
  } finally {
    vi.useRealTimers();
  }
});

test("calls are recorded in order, without codes, tokens or secrets", async () => {
  const { sandbox, install, refresh, revoke } = await startChatio();
  const { access_token, refresh_token } = await install();
  await refresh(refresh_token);
  await revoke(access_token);

  expect(sandbox.calls).toEqual([
    {
      name: "exchange",
      path: "/token",
      status: 200,
      body: { client_id: "client", grant_type: "authorization_code", redirect_uri: redirectUri },
    },
    {
      name: "refresh",
      path: "/token",
      status: 200,
      body: { client_id: "client", grant_type: "refresh_token" },
    },
    { name: "revoke", path: "/token", status: 200 },
  ]);
});
