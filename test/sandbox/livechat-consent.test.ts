import { expect, test } from "vitest";
import type { LivechatOptions } from "../../src/sandbox/livechat/index.ts";
import { challenge, organization, otherOrganization, redirectUri, startLivechat } from "./livechat-caller.ts";

async function startAsking(overrides: Partial<LivechatOptions> = {}) {
  const livechat = await startLivechat({ asksForConsent: true, ...overrides });
  const decide = (decision: string, query: Record<string, string> = {}) =>
    fetch(livechat.consentUrl(query), {
      method: "POST",
      body: new URLSearchParams({ decision }),
      redirect: "manual",
    });
  return { ...livechat, decide };
}

/** Where an answer sends the browser. */
function targetOf(response: Response): { address: string; query: Record<string, string> } {
  expect(response.status).toBe(302);
  const target = new URL(response.headers.get("location") ?? "", "http://accounts.example");
  const { origin, pathname, searchParams } = target;
  return { address: `${origin}${pathname}`, query: Object.fromEntries(searchParams) };
}

test("the browser is sent back with a code, percent-encoded, and the state as it came", async () => {
  const { consent } = await startLivechat();
  const response = await consent({ state: "a/b" });
  expect(response.status).toBe(302);
  expect(response.headers.get("location")).toMatch(
    /^http:\/\/localhost:5000\/livechat\/token\?code=fra%3A[\w-]+&state=a%2Fb$/,
  );
});

test("without a state, none comes back", async () => {
  const { consent } = await startLivechat();
  expect(Object.keys(targetOf(await consent()).query)).toEqual(["code"]);
});

test("the code is for the organization that is signed in", async () => {
  const { sandbox, consent, exchange } = await startLivechat();
  sandbox.addOrganization(otherOrganization);
  sandbox.signIn(otherOrganization);
  const { code = "" } = targetOf(await consent()).query;
  expect(await (await exchange(code)).json()).toMatchObject({ organization_id: otherOrganization });
});

test.each([
  { response_type: "token" },
  { client_id: "other" },
  { redirect_uri: "http://localhost:5000/token" },
  { redirect_uri: "http://localhost:5001/livechat/token" },
  { redirect_uri: "https://localhost:5000/livechat/token" },
  { redirect_uri: `${redirectUri}?a=b` },
  { redirect_uri: `${redirectUri}#a` },
  { redirect_uri: "livechat/token" },
  { code_challenge: "short" },
  { code_challenge: `${challenge}=`, code_challenge_method: "S256" },
  { code_challenge: challenge, code_challenge_method: "MD5" },
  { code_challenge_method: "S256" },
])("the consent page refuses %o without a redirect", async (wrong) => {
  const { consent } = await startLivechat();
  const response = await consent(wrong);
  expect(response.status).toBe(400);
  expect(response.headers.get("location")).toBeNull();
});

test("the consent page redirects one organization at most three times in 30 seconds", async () => {
  const { consent } = await startLivechat();
  const statuses = [];
  for (let visit = 1; visit <= 4; visit += 1) statuses.push((await consent()).status);
  expect(statuses).toEqual([302, 302, 302, 429]);
});

test("the page says which app asks whom, and for what", async () => {
  const { consent } = await startAsking();
  const response = await consent();
  const page = await response.text();
  expect(response.status).toBe(200);
  for (const said of ["LiveChat", "Pizza BOT", "client", organization, "ana@pizza.example", "stand-in"]) {
    expect(page).toContain(said);
  }
  for (const scope of ["agents-bot--my:rw", "groups--all:ro", "webhooks.state:rw"]) {
    expect(page).toContain(`<code>${scope}</code>`);
  }
  expect(page).not.toContain("chat.io");
});

test("who allows it is sent back with a code and the state", async () => {
  const { decide } = await startAsking();
  expect(targetOf(await decide("allow", { state: "s" }))).toEqual({
    address: redirectUri,
    query: { code: expect.stringMatching(/^fra:/), state: "s" },
  });
});

test("who cancels stays, on a page that says so", async () => {
  const { sandbox, decide } = await startAsking();
  const cancelled = await decide("cancel", { state: "s" });
  const { address, query } = targetOf(cancelled);
  expect(address).toMatch(/\/ooops$/);
  expect(query).toMatchObject({ oauth_exception: "access_denied" });
  const page = await fetch(`${sandbox.accountsUrl}${cancelled.headers.get("location")}`);
  const text = await page.text();
  expect([page.status, text]).toEqual([400, expect.stringContaining("access_denied")]);
  expect(text).toContain("The Pizza BOT was not allowed");
  expect(text).toContain('<a href="http://localhost:5000/">');
});

test("who is no administrator stays, on a page that names invalid_scope", async () => {
  const { sandbox, consent, decide } = await startAsking();
  sandbox.setAdministrator(organization, false);
  for (const response of [await consent(), await decide("allow")]) {
    expect(targetOf(response).query).toMatchObject({ oauth_exception: "invalid_scope" });
  }
});

test("refused consent can come back to the app, too", async () => {
  const { sandbox, decide } = await startAsking();
  sandbox.undocumented.refusedConsent = "returns";
  const cancelled = targetOf(await decide("cancel", { state: "s" }));
  expect(cancelled).toMatchObject({ address: redirectUri, query: { error: "access_denied", state: "s" } });
  sandbox.setAdministrator(organization, false);
  const refused = targetOf(await decide("allow", { state: "s" }));
  expect(refused).toMatchObject({ address: redirectUri, query: { error: "invalid_scope", state: "s" } });
});

test("while it fails, the consent page says that it does and why, and leads back to the app", async () => {
  const { sandbox, consent, decide } = await startAsking();
  sandbox.faults.inject({ kind: "status-503" });
  for (const response of [await consent(), await decide("allow")]) {
    const page = await response.text();
    expect(response.status).toBe(503);
    expect(page).toContain("LiveChat does not answer");
    expect(page).toContain("somebody has switched a failure on");
    expect(page).toContain('<a href="http://localhost:5000/">Back to localhost:5000</a>');
  }
});

test("an unknown decision is refused", async () => {
  const { decide } = await startAsking();
  expect((await decide("perhaps")).status).toBe(400);
});
