import { expect, test } from "vitest";
import type { ChatioOptions } from "../../src/sandbox/chatio/index.ts";
import { readTokens } from "./answers.ts";
import { license, redirectUri, startChatio } from "./chatio-caller.ts";

async function startAsking(overrides: Partial<ChatioOptions> = {}) {
  const chatio = await startChatio({ asksForConsent: true, ...overrides });
  const decide = (decision: string, query: Record<string, string> = {}) => {
    const client = { response_type: "code", client_id: "client", redirect_uri: redirectUri, state: "s/1" };
    const url = `${chatio.sandbox.accountsUrl}/?${new URLSearchParams({ ...client, ...query })}`;
    return fetch(url, { method: "POST", body: new URLSearchParams({ decision }), redirect: "manual" });
  };
  return { ...chatio, decide };
}

/** Where an answer sends the browser. */
function targetOf(response: Response): { address: string; query: Record<string, string> } {
  expect(response.status).toBe(302);
  const { origin, pathname, searchParams } = new URL(response.headers.get("location") ?? "");
  return { address: `${origin}${pathname}`, query: Object.fromEntries(searchParams) };
}

test("the page says which app asks whom, and for what", async () => {
  const { sandbox, consent } = await startAsking();
  sandbox.addLicense(1521, "<b>&bea@pizza.example");
  sandbox.signIn(1521);
  const response = await consent();
  const page = await response.text();
  expect(response.status).toBe(200);
  for (const said of [
    "Pizza BOT",
    "client",
    "1521",
    "&lt;b&gt;&amp;bea@pizza.example",
    "localhost:5000",
    "stand-in",
  ]) {
    expect(page).toContain(said);
  }
  for (const scope of ["agents-bot--my:write", "agents-bot--my:read", "chats.conversation--all:write"]) {
    expect(page).toContain(`<code>${scope}</code>`);
  }
  expect(page.match(/<button .*?<\/button>/g)).toEqual([
    '<button name="decision" value="cancel">Cancel</button>',
    '<button name="decision" value="allow" class="primary">Allow</button>',
  ]);
});

test("the page has a language, a title, a viewport, one heading and one main part, and no script", async () => {
  const { consent } = await startAsking();
  const page = await (await consent()).text();
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).toMatch(/<title>.+<\/title>/);
  expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  for (const tag of ["<h1>", "<main>", "<header>", "<footer>"]) expect(page.split(tag)).toHaveLength(2);
  expect(page).not.toMatch(/<script|style=|<style|\son\w+=/);
});

test("the browser may load only the page's own style and icon, and send forms only to it and the app", async () => {
  const { sandbox, consent } = await startAsking();
  const response = await consent({ redirect_uri: `${redirectUri}/more` });
  expect(response.headers.get("content-security-policy")).toBe(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' http://localhost:5000; " +
      "base-uri 'none'; frame-ancestors 'none'",
  );
  const page = await response.text();
  const links = [...page.matchAll(/ (?:href|src)="(.*?)"/g)].map(([, link = ""]) => link);
  expect(new Set(links)).toEqual(new Set(["/consent.css", "/consent.svg"]));
  for (const [link, type] of [
    ["/consent.css", "text/css"],
    ["/consent.svg", "image/svg+xml"],
  ] as const) {
    const file = await fetch(`${sandbox.accountsUrl}${link}`);
    expect(file.status).toBe(200);
    expect(file.headers.get("content-type")).toContain(type);
  }
});

test("after Allow the browser is sent back with a valid code, after Cancel with an error, and with the state", async () => {
  const { decide, exchange, info } = await startAsking();
  const allowed = targetOf(await decide("allow"));
  expect(allowed).toEqual({ address: redirectUri, query: { code: expect.any(String), state: "s/1" } });
  const { access_token } = await readTokens(await exchange(allowed.query.code ?? ""));
  expect(await (await info(access_token)).json()).toMatchObject({ license_id: license });

  expect(targetOf(await decide("cancel"))).toEqual({
    address: redirectUri,
    query: { error: "access_denied", error_description: expect.any(String), state: "s/1" },
  });
});

test("visiting the page creates no code, and any number of decisions is allowed", async () => {
  const { consent, decide } = await startAsking();
  for (let visit = 1; visit <= 5; visit += 1) {
    const page = await consent();
    expect(page.headers.get("location")).toBeNull();
    targetOf(await decide("allow"));
  }
});

test.each([
  { response_type: "token" },
  { client_id: "other" },
  { redirect_uri: "http://evil.example/token" },
])("with %o neither the page nor a decision redirects, nor does an unknown decision", async (wrong) => {
  const { consent, decide } = await startAsking();
  for (const response of [
    await consent(wrong),
    await decide("allow", wrong),
    await decide("cancel", wrong),
    await decide("perhaps"),
  ]) {
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  }
});

test("the style is not recorded as a call, and no fault hits it", async () => {
  const { sandbox } = await startAsking();
  sandbox.faults.inject({ kind: "status-500" });
  expect((await fetch(`${sandbox.accountsUrl}/consent.css`)).status).toBe(200);
  expect(sandbox.calls).toEqual([]);
});

test("if consent is given at once, there is nothing to decide", async () => {
  const { decide } = await startAsking({ asksForConsent: false });
  expect((await decide("allow")).status).toBe(400);
});

test("while it fails, the consent page says that it does and why, and leads back to the app", async () => {
  const { sandbox, consent } = await startAsking();
  sandbox.faults.inject({ kind: "status-503" });
  const response = await consent();
  const page = await response.text();
  expect(response.status).toBe(503);
  expect(page).toContain("chat.io does not answer");
  expect(page).toContain('<a href="http://localhost:5000/">Back to localhost:5000</a>');
});
