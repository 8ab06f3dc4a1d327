import { expect, test, vi } from "vitest";
import { oauthErrorOf, readTokens } from "./answers.ts";
import {
  challenge,
  client,
  organization,
  otherOrganization,
  redirectUri,
  startLivechat,
  verifier,
} from "./livechat-caller.ts";

const invalidGrant = { status: 400, error: "invalid_grant" };

/** Stops the clock that tokens expire by; the network goes on. */
function stopDate() {
  vi.useFakeTimers({ toFake: ["Date"] });
  return (ms: number) => vi.setSystemTime(Date.now() + ms);
}

/** Has consent given with PKCE, and returns the code. */
async function startWithChallenge(query: Record<string, string> = { code_challenge_method: "S256" }) {
  const livechat = await startLivechat();
  const answer = await livechat.consent({ code_challenge: challenge, ...query });
  const code = new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
  return { ...livechat, code };
}

test("a code is exchanged once, for tokens of the organization that begin with its region", async () => {
  const { sandbox, exchange } = await startLivechat();
  const code = sandbox.issueCode();
  expect(code).toMatch(/^fra:/);

  const first = await exchange(code);

  expect([first.status, await first.json()]).toEqual([
    200,
    {
      access_token: expect.stringMatching(/^fra:/),
      account_id: expect.any(String),
      expires_in: 28_800,
      organization_id: organization,
      refresh_token: expect.not.stringContaining(":"),
      scope: "agents-bot--my:rw,groups--all:ro,webhooks.state:rw",
      token_type: "Bearer",
    },
  ]);
  expect(await oauthErrorOf(await exchange(code))).toEqual(invalidGrant);
});

test("a code or refresh token that is dead can be refused as unauthorized_client, too", async () => {
  const { sandbox, exchange, refresh } = await startLivechat();
  sandbox.undocumented.deadGrant = "unauthorized_client";
  const refused = { status: 400, error: "unauthorized_client" };
  expect(await oauthErrorOf(await exchange("fra:unknown"))).toEqual(refused);
  expect(await oauthErrorOf(await refresh("unknown"))).toEqual(refused);
});

test("a code is good for minutes", async () => {
  const pass = stopDate();
  try {
    const { sandbox, exchange } = await startLivechat();
    const [early, late] = [sandbox.issueCode(), sandbox.issueCode()];
    pass(4 * 60_000);
    expect((await exchange(early)).status).toBe(200);
    pass(60_000);
    expect(await oauthErrorOf(await exchange(late))).toEqual(invalidGrant);
  } finally {
    vi.useRealTimers();
  }
});

test("a code is exchanged only with the redirect URI it was issued for", async () => {
  const { sandbox, exchange } = await startLivechat();
  const answer = await exchange(sandbox.issueCode(), { redirect_uri: `${redirectUri}/` });
  expect(await oauthErrorOf(answer)).toEqual({ status: 400, error: "unauthorized_client" });
});

test("a code with a challenge is exchanged only with its verifier", async () => {
  const first = await startWithChallenge();
  expect(await oauthErrorOf(await first.exchange(first.code))).toEqual(invalidGrant);
  const second = await startWithChallenge();
  const wrong = await second.exchange(second.code, { code_verifier: `${verifier}x` });
  expect(await oauthErrorOf(wrong)).toEqual(invalidGrant);
  const third = await startWithChallenge();
  expect((await third.exchange(third.code, { code_verifier: verifier })).status).toBe(200);
});

test("without a method the challenge is the verifier itself", async () => {
  const first = await startWithChallenge({});
  const hashed = await first.exchange(first.code, { code_verifier: verifier });
  expect(await oauthErrorOf(hashed)).toEqual(invalidGrant);
  const second = await startWithChallenge({});
  expect((await second.exchange(second.code, { code_verifier: challenge })).status).toBe(200);
});

test("a verifier without a challenge, and one that is too short, are refused", async () => {
  const { sandbox, exchange } = await startLivechat();
  const refused = { status: 400, error: "invalid_request" };
  const unasked = await exchange(sandbox.issueCode(), { code_verifier: verifier });
  expect(await oauthErrorOf(unasked)).toEqual(refused);
  const short = await exchange(sandbox.issueCode(), { code_verifier: "short" });
  expect(await oauthErrorOf(short)).toEqual(refused);
});

test("a code of somebody who is no administrator is refused as invalid_scope, and installs nothing", async () => {
  const { sandbox, exchange } = await startLivechat();
  sandbox.setAdministrator(organization, false);
  const answer = await exchange(sandbox.issueCode());
  expect(await oauthErrorOf(answer)).toEqual({ status: 400, error: "invalid_scope" });
  expect(sandbox.areWebhooksEnabled(organization)).toBe(false);
});

test("token requests with wrong credentials, grant or fields are refused", async () => {
  const { sandbox, exchange, refresh } = await startLivechat();
  const code = sandbox.issueCode();
  const unauthorized = { status: 401, error: "unauthorized_client" };

  expect(await oauthErrorOf(await exchange(code, { client_secret: "other" }))).toEqual(unauthorized);
  expect(await oauthErrorOf(await refresh("any", { client_id: "other" }))).toEqual(unauthorized);
  const wrongGrant = await exchange(code, { grant_type: "password" });
  expect(await oauthErrorOf(wrongGrant)).toEqual({ status: 400, error: "unsupported_grant_type" });
  const unknownField = await exchange(code, { unheard_of: "1" });
  expect(await oauthErrorOf(unknownField)).toEqual({ status: 400, error: "invalid_request" });
  expect((await exchange(code)).status).toBe(200);
});

test("a token request may be JSON, but nothing else than that or a form", async () => {
  const { sandbox } = await startLivechat();
  const ask = (type: string) => {
    const grant = { grant_type: "authorization_code", code: sandbox.issueCode(), redirect_uri: redirectUri };
    return fetch(`${sandbox.accountsUrl}/v2/token`, {
      method: "POST",
      headers: { "content-type": type },
      body: JSON.stringify({ ...client, ...grant }),
    });
  };
  expect((await ask("application/json")).status).toBe(200);
  expect(await oauthErrorOf(await ask("text/plain"))).toEqual({ status: 400, error: "invalid_request" });
});

test("a refresh token stays, and brings a new access token beside the old one", async () => {
  const { install, refresh, info } = await startLivechat();
  const first = await install();

  const second = await readTokens(await refresh(first.refresh_token));
  const third = await readTokens(await refresh(first.refresh_token));

  expect([second.refresh_token, third.refresh_token]).toEqual([first.refresh_token, first.refresh_token]);
  expect(new Set([first, second, third].map(({ access_token }) => access_token)).size).toBe(3);
  for (const { access_token } of [first, second, third]) expect((await info(access_token)).status).toBe(200);
});

test("revoking an access token also revokes its refresh token, and works once", async () => {
  const { install, refresh, revoke, info } = await startLivechat();
  const { access_token, refresh_token } = await install();

  const revoked = await revoke(access_token);
  expect([revoked.status, await revoked.json()]).toEqual([200, {}]);

  expect(await oauthErrorOf(await info(access_token))).toEqual({ status: 401, error: "invalid_token" });
  expect(await oauthErrorOf(await refresh(refresh_token))).toEqual(invalidGrant);
  expect((await revoke(access_token)).status).toBe(404);
});

test("a refresh token can be revoked, too", async () => {
  const { install, refresh, revoke } = await startLivechat();
  const { refresh_token } = await install();
  expect((await revoke(refresh_token)).status).toBe(200);
  expect(await oauthErrorOf(await refresh(refresh_token))).toEqual(invalidGrant);
});

test("the 26th token of a user silently revokes the oldest of its kind", async () => {
  const { install, refresh, info } = await startLivechat();
  const first = await install();
  const second = await install();
  for (let more = 3; more <= 26; more += 1) await install();

  expect((await info(first.access_token)).status).toBe(401);
  expect((await info(second.access_token)).status).toBe(200);
  expect((await refresh(first.refresh_token)).status).toBe(400);
  expect((await refresh(second.refresh_token)).status).toBe(200);
});

test("expired access tokens can be refreshed, revoked installations cannot", async () => {
  const { sandbox, install, refresh, info } = await startLivechat();
  sandbox.addOrganization(otherOrganization);
  const one = await install();
  const other = await install(otherOrganization);

  sandbox.expireAccessTokens(organization);
  expect((await info(one.access_token)).status).toBe(401);
  expect((await info(other.access_token)).status).toBe(200);
  expect((await refresh(one.refresh_token)).status).toBe(200);

  sandbox.revokeAll(otherOrganization);
  expect((await refresh(other.refresh_token)).status).toBe(400);
  expect((await info(other.access_token)).status).toBe(401);
  expect((await refresh(one.refresh_token)).status).toBe(200);
});

test("an access token is good for eight hours, and the info counts its seconds down", async () => {
  const pass = stopDate();
  try {
    const { install, info } = await startLivechat();
    const { access_token } = await install();
    pass(8 * 3_600_000 - 60_000);
    expect(await (await info(access_token)).json()).toEqual({
      access_token,
      account_id: expect.any(String),
      client_id: "client",
      expires_in: 60,
      organization_id: organization,
      scope: "agents-bot--my:rw,groups--all:ro,webhooks.state:rw",
      token_type: "Bearer",
    });
    pass(60_000);
    expect((await info(access_token)).status).toBe(401);
  } finally {
    vi.useRealTimers();
  }
});

test("the answer to the exchange can lie about the time that a token has", async () => {
  const { install } = await startLivechat({ tokenLifetimeS: 100, expiresIn: 5 });
  expect(await install()).toMatchObject({ expires_in: 5 });
});

test("calls are recorded in order, without codes, tokens or secrets", async () => {
  const { sandbox, exchange, refresh, revoke } = await startWithChallenge();
  const { access_token, refresh_token } = await readTokens(await exchange(sandbox.issueCode()));
  await refresh(refresh_token);
  await revoke(access_token);

  const grant = { client_id: "client", grant_type: "authorization_code", redirect_uri: redirectUri };
  expect(sandbox.calls.slice(1)).toEqual([
    { name: "exchange", path: "/v2/token", status: 200, body: grant },
    {
      name: "refresh",
      path: "/v2/token",
      status: 200,
      body: { client_id: "client", grant_type: "refresh_token" },
    },
    { name: "revoke", path: "/v2/token", status: 200 },
  ]);
});
